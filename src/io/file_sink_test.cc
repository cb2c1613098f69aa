#include "io/file_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::io {
namespace {

using testing::_;
using testing::HasSubstr;

class FileSinkTest : public testing::Test {
 protected:
  int64_t FilesInFolder() const { return std::distance(std::filesystem::directory_iterator(folder_.path()), {}); }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.File("año nuevo.fbk");
};

TEST_F(FileSinkTest, TheFileAppearsAtTheEnd) {
  FileSink sink(path_, false);
  sink.Write(AsBytes("some "));
  sink.Write(AsBytes("content"));
  EXPECT_FALSE(std::filesystem::exists(path_));
  sink.Finish();
  EXPECT_EQ(ReadFile(path_, 100), "some content");
}

TEST_F(FileSinkTest, WithoutItsEndNothingIsLeft) {
  {
    FileSink sink(path_, false);
    sink.Write(AsBytes("half"));
    EXPECT_EQ(FilesInFolder(), 1);
  }
  EXPECT_EQ(FilesInFolder(), 0);
}

TEST_F(FileSinkTest, AnExistingFileIsRefused) {
  WriteFileAtomically(path_, AsBytes("old"), 0600);
  EXPECT_ERROR(FileSink(path_, false), ErrorKind::kUsage, HasSubstr("exists"));
  EXPECT_ERROR(FileSink(folder_.path().string(), true), ErrorKind::kUsage, HasSubstr("folder"));
  EXPECT_ERROR(FileSink(folder_.File("no/file"), true), ErrorKind::kNotFound, _);
  EXPECT_ERROR(FileSink("", true), ErrorKind::kUsage, _);
}

TEST_F(FileSinkTest, AFileThatAppearsMeanwhileIsNotOverwritten) {
  FileSink sink(path_, false);
  sink.Write(AsBytes("new"));
  WriteFileAtomically(path_, AsBytes("somebody else's"), 0600);
  EXPECT_ERROR((sink.Finish(), 0), ErrorKind::kUsage, HasSubstr("exists"));
  EXPECT_EQ(ReadFile(path_, 100), "somebody else's");
}

TEST_F(FileSinkTest, AReplacedFileStaysUntilTheEndAndPassesOnItsMode) {
  WriteFileAtomically(path_, AsBytes("old"), 0640);
  FileSink sink(path_, true);
  sink.Write(AsBytes("new"));
  EXPECT_EQ(ReadFile(path_, 100), "old");
  sink.Finish();
  EXPECT_EQ(ReadFile(path_, 100), "new");
  struct stat status {};
  stat(path_.c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(FileSinkTest, ALinkLeadsToTheFileThatIsReplaced) {
  std::filesystem::create_directory(folder_.File("elsewhere"));
  const std::string real = folder_.File("elsewhere/real");
  WriteFileAtomically(real, AsBytes("old"), 0600);
  std::filesystem::create_symlink(real, path_);
  test::WriteAll(*std::make_unique<FileSink>(path_, true), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(ReadFile(real, 100), "new");
  std::filesystem::remove(real);
  EXPECT_ERROR(FileSink(path_, true), ErrorKind::kUsage, HasSubstr("nowhere"));
}

TEST_F(FileSinkTest, LeftoversOfAKilledProcessGoAndThoseOfALivingOneStay) {
  const std::string dead = folder_.File(".año nuevo.fbk.restore-abcdef");
  std::filesystem::create_directory(dead);
  WriteFileAtomically(dead + "/año nuevo.fbk", AsBytes("half"), 0600);
  FileSink living(path_, false);
  living.Write(AsBytes("first"));
  FileSink other(path_, true);
  EXPECT_FALSE(std::filesystem::exists(dead));
  living.Finish();
  EXPECT_EQ(ReadFile(path_, 100), "first");
}

}  // namespace
}  // namespace cofre::io
