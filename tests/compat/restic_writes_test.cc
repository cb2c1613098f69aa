// What the installed restic wrote, Cofre lists, checks, restores and prunes; and restic finds nothing wrong afterwards.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "repository/check.h"
#include "repository/prune.h"
#include "repository/restore.h"
#include "tests/support/expect_error.h"
#include "tests/support/restic_place.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::PlaceKind;
using test::RestoreText;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kPassword[] = "a password of people";

void WriteFile(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string ReadFileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Half of it compresses well; several of restic's blobs.
std::string Dump(uint64_t seed, size_t length = 6'000'000) {
  return test::NoiseText(length / 2, seed) + std::string(length / 2, 'x');
}

class ResticWritesTest : public testing::TestWithParam<PlaceKind> {
 protected:
  void SetUp() override {
    if (GetParam() == PlaceKind::kS3) COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT");
    place_ = std::make_unique<test::ResticPlace>(GetParam(), kPassword);
  }

  const test::Restic& Restic() { return place_->restic(); }

  std::unique_ptr<Repository> Open() {
    return Repository::Open(place_->store(), Secret(kPassword), SystemEnvironment(), {});
  }

  void ResticInit() { Restic().Must({"init", "--repository-version", "2"}); }

  void BackUpStream(const std::string& text, const std::string& compression) {
    Restic().Must({"backup", "--compression", compression, "--stdin", "--stdin-filename", "db.fbk"}, text);
  }

  void ExpectNoDamage(Repository& repository) {
    const CheckReport report = Check(repository, {.read_data = true}, {});
    EXPECT_THAT(report.problems, IsEmpty()) << report.problems[0].object << ": " << report.problems[0].message;
    Restic().Must({"check", "--read-data"});
  }

  // A folder with several kinds of entries; returns its path.
  std::string MakeFolder() {
    std::string folder = place_->folder().File("source");
    WriteFile(folder + "/dump.fbk", Dump(1));
    WriteFile(folder + "/empty", "");
    WriteFile(folder + "/año \"2025\"\\x/inner.fbk", Dump(2, 100'000));
    std::filesystem::create_symlink("dump.fbk", folder + "/link");
    return folder;
  }

  std::unique_ptr<test::ResticPlace> place_;
};

TEST_P(ResticWritesTest, StreamsCompressedAndNotAreListedRestoredAndPruned) {
  ResticInit();
  const std::vector<std::string> dumps{Dump(1), Dump(1) + "more", Dump(2) + Dump(1)};
  BackUpStream(dumps[0], "off");
  BackUpStream(dumps[1], "auto");
  BackUpStream(dumps[2], "max");

  const auto repository = Open();
  const std::vector<Snapshot> snapshots = repository->ListSnapshots({});
  ASSERT_EQ(snapshots.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(snapshots[i].paths, testing::ElementsAre("/db.fbk"));
    EXPECT_TRUE(RestoreText(*repository, snapshots[i]) == dumps[i]) << i;
    RequireComplete(*repository, snapshots[i].id, {});
  }
  ExpectNoDamage(*repository);

  ForgetSnapshots(*repository, std::vector{snapshots[0].id, snapshots[2].id}, {});
  const PruneReport report = Prune(*repository, {.max_unused = 0}, {});
  EXPECT_LT(report.bytes_after, report.bytes_before);
  ExpectNoDamage(*repository);
  EXPECT_TRUE(RestoreText(*Open(), snapshots[1]) == dumps[1]);
  Restic().Must({"restore", "latest", "--target", place_->folder().File("out")});
  EXPECT_TRUE(ReadFileText(place_->folder().File("out/db.fbk")) == dumps[1]);
}

TEST_P(ResticWritesTest, FoldersOfManyFilesAreListedPrunedAndRestoredOneByOne) {
  ResticInit();
  const std::string source = MakeFolder();
  Restic().Must({"backup", source});
  const std::string kept = ReadFileText(source + "/dump.fbk");
  WriteFile(source + "/dump.fbk", Dump(3));
  Restic().Must({"backup", source});

  const auto repository = Open();
  const std::vector<Snapshot> snapshots = repository->ListSnapshots({});
  ASSERT_EQ(snapshots.size(), 2u);
  std::vector<std::string> paths;
  for (const SnapshotFile& file : ListFiles(*repository, snapshots[0], {})) paths.push_back(file.path);
  EXPECT_THAT(paths,
              UnorderedElementsAre(source + "/dump.fbk", source + "/empty", source + "/año \"2025\"\\x/inner.fbk"));
  test::BufferSink only;
  EXPECT_ERROR((RestoreFile(*repository, snapshots[0], only, nullptr, {}), 0), ErrorKind::kUsage, testing::_);

  ForgetSnapshots(*repository, std::vector{snapshots[1].id}, {});
  Prune(*repository, {.max_unused = 0}, {});
  ExpectNoDamage(*repository);
  test::BufferSink dump;
  RestorePath(*repository, snapshots[0], source + "/dump.fbk", dump, nullptr, {});
  EXPECT_TRUE(dump.text() == kept);
  test::BufferSink inner;
  RestorePath(*repository, snapshots[0], source + "/año \"2025\"\\x/inner.fbk", inner, nullptr, {});
  EXPECT_TRUE(inner.text() == Dump(2, 100'000));
  test::BufferSink empty;
  RestorePath(*repository, snapshots[0], source + "/empty", empty, nullptr, {});
  EXPECT_TRUE(empty.finished() && empty.text().empty());
}

TEST_P(ResticWritesTest, WhatResticPrunedIsNoticed) {
  ResticInit();
  BackUpStream(Dump(1), "auto");
  const auto repository = Open();
  const Snapshot gone = repository->ListSnapshots({}).at(0);
  RestoreText(*repository, gone);
  BackUpStream(Dump(2), "auto");
  Restic().Must({"forget", "--keep-last", "1", "--prune", "--max-unused", "0"});

  const std::vector<Snapshot> left = repository->ListSnapshots({});
  ASSERT_EQ(left.size(), 1u);
  EXPECT_TRUE(RestoreText(*repository, left[0]) == Dump(2));
  test::BufferSink sink;
  EXPECT_ERROR((RestoreFile(*repository, gone, sink, nullptr, {}), 0), ErrorKind::kNotFound, testing::_);
  ExpectNoDamage(*repository);
}

// What does not depend on the kind of store.
class ResticFormsTest : public ResticWritesTest {};

TEST_P(ResticFormsTest, TagsThatResticChangedAreRead) {
  ResticInit();
  BackUpStream("small", "auto");
  Restic().Must({"tag", "--add", "anio=2025,motor=firebird", "latest"});
  const std::vector<Snapshot> snapshots = Open()->ListSnapshots({});
  ASSERT_EQ(snapshots.size(), 1u);
  EXPECT_THAT(snapshots[0].tags, testing::ElementsAre("anio=2025", "motor=firebird"));
}

TEST_P(ResticFormsTest, AnotherKeyFileOpensToo) {
  ResticInit();
  WriteFile(place_->folder().File("new-password"), "second password");
  Restic().Must({"key", "add", "--new-password-file", place_->folder().File("new-password")});
  EXPECT_NO_THROW(Open());
  EXPECT_NO_THROW(Repository::Open(place_->store(), Secret("second password"), SystemEnvironment(), {}));
  EXPECT_ERROR(Repository::Open(place_->store(), Secret("neither"), SystemEnvironment(), {}), ErrorKind::kAuth,
               testing::_);
}

TEST_P(ResticFormsTest, AVersionOneRepositoryIsRefusedUntilItIsUpgraded) {
  Restic().Must({"init", "--repository-version", "1"});
  Restic().Must({"backup", "--stdin", "--stdin-filename", "db.fbk"}, Dump(1));
  EXPECT_ERROR(Open(), ErrorKind::kUsage, testing::HasSubstr("version 1"));
  Restic().Must({"migrate", "upgrade_repo_v2"});
  const auto repository = Open();
  const Snapshot snapshot = repository->ListSnapshots({}).at(0);
  EXPECT_TRUE(RestoreText(*repository, snapshot) == Dump(1)) << "trees and blobs without compression";
  Prune(*repository, {}, {});
  ExpectNoDamage(*repository);
}

INSTANTIATE_TEST_SUITE_P(Local, ResticFormsTest, testing::Values(PlaceKind::kLocal), test::PlaceName);
INSTANTIATE_TEST_SUITE_P(Places, ResticWritesTest, testing::Values(PlaceKind::kLocal, PlaceKind::kS3), test::PlaceName);

}  // namespace
}  // namespace cofre::repository
