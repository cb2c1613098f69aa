#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "base/error.h"
#include "tests/support/temporary_folder.h"

namespace cofre {
namespace {

using test::TemporaryFolder;

bool IsOpen(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

template <typename Work>
ErrorKind KindOf(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::kUsage;
}

size_t EntriesOf(const std::filesystem::path& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(FileDescriptorTest, ClosesWhenItGoes) {
  int number = -1;
  {
    const FileDescriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = file.get();
    ASSERT_TRUE(file.valid());
    EXPECT_TRUE(IsOpen(number));
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(FileDescriptorTest, AMoveLeavesOneOwner) {
  FileDescriptor first(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  FileDescriptor second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT: a look at what was moved from is the test
  EXPECT_EQ(second.get(), number);
}

TEST(FileDescriptorTest, AnAssignmentClosesWhatWasHeld) {
  FileDescriptor target(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int old = target.get();
  FileDescriptor source(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = source.get();
  target = std::move(source);
  EXPECT_FALSE(IsOpen(old));
  EXPECT_EQ(target.get(), number);
}

TEST(FileDescriptorTest, WhatIsReleasedStaysOpen) {
  FileDescriptor file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = file.Release();
  EXPECT_FALSE(file.valid());
  EXPECT_TRUE(IsOpen(number));
  close(number);
}

TEST(WriteAllTest, APipeThatTakesALittleAtATimeGetsEverything) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  const std::string data(1 << 20, 'x');
  std::string got;
  std::thread reader([&] {
    char block[5000];
    for (ssize_t length = 0; (length = read(reading.get(), block, sizeof block)) > 0;) {
      got.append(block, static_cast<size_t>(length));
    }
  });
  WriteAll(writing.get(), AsBytes(data), "pipe");
  writing.Close();
  reader.join();
  EXPECT_EQ(got, data);
}

TEST(WriteAllTest, AFullDiskIsPermanentAndNamesTheFile) {
  const FileDescriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  try {
    WriteAll(full.get(), AsBytes("x"), "/backup/a");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
    EXPECT_STREQ(error.what(), "cannot write to /backup/a: No space left on device");
    EXPECT_NE(error.hint(), "");
  }
}

TEST(ReadFileTest, ReadsUpToTheLimitAndNotMore) {
  const TemporaryFolder folder;
  const std::string path = folder.File("a");
  const std::string content(100'000, 'z');
  WriteFileAtomically(path, AsBytes(content), 0600);
  EXPECT_EQ(ReadFile(path, content.size()), content);
  EXPECT_EQ(KindOf([&] { ReadFile(path, content.size() - 1); }), ErrorKind::kPermanent);
}

TEST(ReadFileTest, AFileWithoutEndIsRefusedAtTheLimit) {
  EXPECT_EQ(KindOf([] { ReadFile("/dev/zero", 1 << 20); }), ErrorKind::kPermanent);
}

TEST(ReadFileTest, AMissingFileIsNotFound) {
  EXPECT_EQ(KindOf([] { ReadFile("/nonexistent/file", 10); }), ErrorKind::kNotFound);
}

TEST(ReadFileTest, AFolderIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(KindOf([&] { ReadFile(folder.path().string(), 10); }), ErrorKind::kPermanent);
}

TEST(WriteFileAtomicallyTest, ReplacesAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::string path = folder.File("catalogue ñ \"q\"");
  WriteFileAtomically(path, AsBytes("old"), 0600);
  WriteFileAtomically(path, AsBytes("new"), 0640);
  EXPECT_EQ(ReadFile(path, 100), "new");
  EXPECT_EQ(EntriesOf(folder.path()), 1U);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(WriteFileAtomicallyTest, AFailureLeavesTheOldFileAndNothingBeside) {
  const TemporaryFolder folder;
  const std::string target = folder.File("folder");
  std::filesystem::create_directory(target);  // cannot be replaced by a file
  EXPECT_THROW(WriteFileAtomically(target, AsBytes("x"), 0600), Error);
  EXPECT_TRUE(std::filesystem::is_directory(target));
  EXPECT_EQ(EntriesOf(folder.path()), 1U);
}

TEST(WriteFileAtomicallyTest, AMissingFolderIsNotFound) {
  EXPECT_EQ(KindOf([] { WriteFileAtomically("/nonexistent/a", AsBytes("x"), 0600); }), ErrorKind::kNotFound);
}

TEST(SyncFolderTest, OnlyFoldersAreFolders) {
  const TemporaryFolder folder;
  WriteFileAtomically(folder.File("a"), {}, 0600);
  EXPECT_NO_THROW(SyncFolder(folder.path().string()));
  EXPECT_NO_THROW(SyncFolder(""));
  EXPECT_THROW(SyncFolder(folder.File("a")), Error);
  EXPECT_EQ(KindOf([&] { SyncFolder(folder.File("missing")); }), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace cofre
