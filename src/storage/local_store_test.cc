#include "storage/local_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/random.h"
#include "tests/support/temporary_folder.h"

namespace cofre::storage {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LocalStoreTest : public testing::Test {
 protected:
  static void Put(ObjectStore& store, const std::string& key, std::string_view text) {
    store.Put(key, AsBytes(text), std::nullopt, {});
  }
  static std::vector<std::string> Keys(ObjectStore& store, const std::string& prefix = "") {
    std::vector<std::string> keys;
    for (const ObjectInfo& object : ListAll(store, prefix, {})) keys.push_back(object.key);
    return keys;
  }
  template <typename Work>
  static std::optional<Error> ErrorOf(Work&& work) {
    try {
      work();
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }
  void Write(const std::string& name, const std::string& text) const { std::ofstream(Root() / name) << text; }
  fs::path Root() const { return folder_.path() / "store"; }

  test::TemporaryFolder folder_;
  LocalStore store_{(folder_.path() / "store").string(), true};
};

TEST_F(LocalStoreTest, AKeyIsThePathOfAFile) {
  Put(store_, "data/ab/abcd", "content");
  std::ifstream file(Root() / "data/ab/abcd");
  std::string content;
  std::getline(file, content);
  EXPECT_EQ(content, "content");
}

TEST_F(LocalStoreTest, FilesAndFoldersAreTheOwnersAlone) {
  Put(store_, "data/ab/abcd", "content");
  EXPECT_EQ(fs::status(Root() / "data/ab/abcd").permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(Root() / "data/ab").permissions(), fs::perms(0700));
}

TEST_F(LocalStoreTest, AMissingFolderIsMadeOnlyWhereThatWasAskedFor) {
  const std::string path = folder_.File("a/b/c");
  const auto error = ErrorOf([&] { const LocalStore store(path, false); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kNotFound);
  EXPECT_THAT(error->what(), HasSubstr(path));
  EXPECT_THAT(error->hint(), HasSubstr("mount"));
  EXPECT_FALSE(fs::exists(folder_.path() / "a"));

  LocalStore store(path, true);
  Put(store, "x", "y");
  EXPECT_TRUE(fs::exists(folder_.path() / "a/b/c/x"));
}

TEST_F(LocalStoreTest, AFileInPlaceOfTheFolderIsAnError) {
  std::ofstream(folder_.path() / "file") << "x";
  EXPECT_TRUE(ErrorOf([&] { const LocalStore store(folder_.File("file"), true); }));
}

TEST_F(LocalStoreTest, NothingTemporaryIsListedOrLeft) {
  Put(store_, "data/a", "x");
  EXPECT_TRUE(fs::exists(Root() / ".tmp"));
  EXPECT_TRUE(fs::is_empty(Root() / ".tmp"));
  Write(".tmp/somebody-elses", "x");
  EXPECT_THAT(Keys(store_), ElementsAre("data/a"));
  EXPECT_THAT(Keys(store_, ".tmp/"), IsEmpty());
  EXPECT_THAT(store_.ListFolders("", {}), ElementsAre("data"));
  EXPECT_EQ(ErrorOf([&] { Put(store_, ".tmp/x", "x"); })->kind(), ErrorKind::kUsage);
}

TEST_F(LocalStoreTest, OpeningRemovesWhatADeadWriterLeftAndNothingElse) {
  Put(store_, "data/a", "x");
  Write(".tmp/dead", "half");
  Write(".tmp/alive", "half");
  const FileDescriptor alive(open((Root() / ".tmp/alive").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(alive.get(), LOCK_EX), 0);

  const LocalStore again(Root().string(), false);
  EXPECT_FALSE(fs::exists(Root() / ".tmp/dead"));
  EXPECT_TRUE(fs::exists(Root() / ".tmp/alive"));
}

TEST_F(LocalStoreTest, ALeftoverWithTheNextNameIsSteppedOver) {
  Put(store_, "first", "x");
  for (int i = 0; i < 200; ++i) Write(".tmp/" + std::to_string(getpid()) + "-" + std::to_string(i), "left");
  Put(store_, "second", "x");
  EXPECT_THAT(Keys(store_), ElementsAre("first", "second"));
}

TEST_F(LocalStoreTest, SymbolicLinksAreNotFollowed) {
  fs::create_directory(folder_.path() / "outside");
  std::ofstream(folder_.path() / "outside/secret") << "secret";
  fs::create_symlink(folder_.path() / "outside", Root() / "link");
  fs::create_symlink(folder_.path() / "outside/secret", Root() / "file-link");

  EXPECT_EQ(ErrorOf([&] { store_.Get("link/secret", 100, {}); })->kind(), ErrorKind::kNotFound);
  EXPECT_EQ(ErrorOf([&] { store_.Get("file-link", 100, {}); })->kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_.Stat("file-link", {}), std::nullopt);
  EXPECT_THAT(Keys(store_), IsEmpty());
  EXPECT_EQ(ErrorOf([&] { Put(store_, "link/new", "x"); })->kind(), ErrorKind::kPermanent);
  store_.Delete("link/secret", {});
  EXPECT_TRUE(fs::exists(folder_.path() / "outside/secret"));
  EXPECT_FALSE(fs::exists(folder_.path() / "outside/new"));
}

TEST_F(LocalStoreTest, APutOverALinkReplacesTheLinkAndNotItsTarget) {
  std::ofstream(folder_.path() / "target") << "untouched";
  fs::create_symlink(folder_.path() / "target", Root() / "object");
  Put(store_, "object", "new");
  EXPECT_FALSE(fs::is_symlink(Root() / "object"));
  EXPECT_EQ(fs::file_size(folder_.path() / "target"), 9U);
}

TEST_F(LocalStoreTest, WhatIsNoFileIsNoObject) {
  ASSERT_EQ(mkfifo((Root() / "pipe").c_str(), 0600), 0);
  fs::create_directory(Root() / "lost+found");
  Write("ni\xc3\xb1o", "not a key");
  EXPECT_EQ(ErrorOf([&] { store_.Get("pipe", 100, {}); })->kind(), ErrorKind::kNotFound);
  EXPECT_THAT(Keys(store_), IsEmpty());
}

TEST_F(LocalStoreTest, AnObjectInTheWayOfAFolderIsAnErrorThatNamesIt) {
  Put(store_, "a", "x");
  const auto error = ErrorOf([&] { Put(store_, "a/b", "x"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kPermanent);
  EXPECT_THAT(error->what(), HasSubstr("a is in the way"));
  EXPECT_THAT(Keys(store_), ElementsAre("a"));
}

TEST_F(LocalStoreTest, AFolderThatSomebodyRemovedIsMadeAgain) {
  Put(store_, "data/ab/1", "x");
  fs::remove_all(Root() / "data");
  Put(store_, "data/ab/2", "x");
  EXPECT_THAT(Keys(store_), ElementsAre("data/ab/2"));
}

TEST_F(LocalStoreTest, TwoStoresOnOneFolderSeeTheSameObjects) {
  LocalStore other(Root().string() + "/", false);
  Put(store_, "data/a", "x");
  Put(other, "data/b", "x");
  EXPECT_THAT(Keys(store_), ElementsAre("data/a", "data/b"));
  EXPECT_EQ(other.Describe(), store_.Describe());
}

TEST_F(LocalStoreTest, ACancelledPutLeavesNothing) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(ErrorOf([&] { store_.Put("a", AsBytes("x"), std::nullopt, stop.get_token()); }));
  EXPECT_THAT(Keys(store_), IsEmpty());
}

// Writes objects until it is killed; each has its own number in every byte.
[[noreturn]] void WriteForEver(const std::string& folder) {
  LocalStore store(folder, false);
  for (uint8_t i = 0;; ++i) store.Put("data/" + std::to_string(i), Bytes(300'000, i), std::nullopt, {});
}

TEST_F(LocalStoreTest, AWriterKilledAtAnyMomentLeavesWholeObjectsOnly) {
  store_.Put("data/0", Bytes(300'000, 0), std::nullopt, {});
  SeededRandom random(1);
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteForEver(Root().string());
    std::this_thread::sleep_for(std::chrono::microseconds(1000 + random.Below(10'000)));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);

    LocalStore after(Root().string(), false);
    for (const ObjectInfo& object : ListAll(after, "", {})) {
      const Bytes content = after.Get(object.key, 1 << 20, {});
      ASSERT_EQ(content, Bytes(300'000, static_cast<uint8_t>(std::stoi(object.key.substr(5)))));
    }
    ASSERT_TRUE(!fs::exists(Root() / ".tmp") || fs::is_empty(Root() / ".tmp"));
  }
}

// What happens on a file system of 1 MiB, in a child process that alone sees it. Exits with 0 for success, 2 where it
// cannot be mounted.
int FillASmallDisk(const std::string& folder) {
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 2;
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 2;
  if (mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=1m") != 0) return 2;
  LocalStore store(folder, false);
  store.Put("small", Bytes(100'000), std::nullopt, {});
  try {
    store.Put("large", Bytes(2'000'000), std::nullopt, {});
    return 3;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kPermanent || error.hint().empty()) return 4;
  }
  if (store.Stat("large", {}) || !store.Stat("small", {})) return 5;
  store.Put("another", Bytes(500'000), std::nullopt, {});  // the half-written file has gone
  return 0;
}

TEST_F(LocalStoreTest, AFullDiskIsAPermanentErrorWithAHintAndHarmsNothing) {
  fs::create_directory(folder_.path() / "small-disk");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(FillASmallDisk(folder_.File("small-disk")));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == 2) GTEST_SKIP() << "this system lets nobody mount a file system of its own";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace cofre::storage
