#include "repository/copies/local_copies.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace cofre::repository {
namespace {

const Bytes kContent{1, 2, 3};

TEST(LocalCopiesTest, ACopyComesBackAndIsItsOwnersAlone) {
  const test::TemporaryFolder folder;
  const LocalCopies copies(folder.File("srv1/900869750"));
  copies.Write("config", kContent);
  EXPECT_EQ(copies.Read("config", 3), kContent);
  struct stat status {};
  ASSERT_EQ(stat(folder.File("srv1/900869750/config").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST(LocalCopiesTest, ALaterOneReplacesIt) {
  const test::TemporaryFolder folder;
  const LocalCopies copies(folder.path().string());
  copies.Write("config", Bytes(100, 7));
  copies.Write("config", kContent);
  EXPECT_EQ(copies.Read("config", 100), kContent);
}

TEST(LocalCopiesTest, WhatIsMissingTooLargeOrNoFileIsNone) {
  const test::TemporaryFolder folder;
  const LocalCopies copies(folder.path().string());
  copies.Write("config", kContent);
  std::filesystem::create_symlink(folder.File("config"), folder.File("link"));
  std::filesystem::create_directory(folder.File("folder"));
  EXPECT_FALSE(copies.Read("missing", 100));
  EXPECT_FALSE(copies.Read("config", 2));
  EXPECT_FALSE(copies.Read("link", 100));
  EXPECT_FALSE(copies.Read("folder", 100));
}

TEST(LocalCopiesTest, WithoutAFolderNothingIsKept) {
  const LocalCopies copies;
  copies.Write("config", kContent);
  copies.Clear();
  EXPECT_FALSE(copies.Read("config", 100));
}

TEST(LocalCopiesTest, AFolderThatCannotBeWrittenIsNoError) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.File("file")) << "in the way";
  const LocalCopies copies(folder.File("file/below"));
  copies.Write("config", kContent);
  copies.Remove("config");
  copies.Clear();
  EXPECT_FALSE(copies.Read("config", 100));
}

TEST(LocalCopiesTest, OnlyWhatIsWantedStays) {
  const test::TemporaryFolder folder;
  const LocalCopies copies(folder.path().string());
  for (const char* name : {"a", "b", "c"}) copies.Write(name, kContent);
  copies.Retain([](std::string_view name) { return name == "b"; });
  EXPECT_FALSE(copies.Read("a", 100));
  EXPECT_TRUE(copies.Read("b", 100));
  copies.Clear();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace cofre::repository
