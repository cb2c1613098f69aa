// A folder that we backed up comes back from the installed restic, and the other way round: names, contents, modes,
// times, links.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "repository/backup.h"
#include "repository/check.h"
#include "repository/prune.h"
#include "repository/repository_state.h"
#include "repository/restore.h"
#include "sources/folder.h"
#include "tests/support/file_tree.h"
#include "tests/support/restic_place.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"

namespace cofre::repository {
namespace {

using test::DescribeTree;
using test::PlaceKind;

constexpr char kPassword[] = "a password of a company";
constexpr char kPath[] = "/900869750/2026/adjuntos";

class FoldersTest : public testing::TestWithParam<PlaceKind> {
 protected:
  void SetUp() override {
    if (GetParam() == PlaceKind::kS3) COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT");
    place_ = std::make_unique<test::ResticPlace>(GetParam(), kPassword);
    Repository::Initialize(*place_->store(), Secret(kPassword), SystemEnvironment(), {});
    repository_ = Repository::Open(place_->store(), Secret(kPassword), SystemEnvironment(), {});
    folder_ = place_->folder().File("adjuntos");
    test::MakeOddFolder(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::permissions(folder_ + "/read only", std::filesystem::perms::owner_all);
  }

  const test::Restic& Restic() const { return place_->restic(); }

  BackupResult BackUp(const std::optional<Digest>& parent = std::nullopt) {
    BackupRequest request;
    request.path = kPath;
    request.tags = {"year=2026", "engine=folder"};
    request.hostname = "archivos";
    request.username = "cofre";
    request.average_blob_bytes = 64 * 1024;
    request.parent = parent;
    const auto source = sources::MakeFolderSource(folder_, {}, SystemClock());
    const auto dump = source->DumpFolder({});
    return WriteFolderBackup(*repository_, *dump, request, nullptr, {});
  }

  // Where it was put.
  std::string RestoreHere(const Snapshot& snapshot, const std::string& name) {
    const std::string target = place_->folder().File(name);
    const auto source = sources::MakeFolderSource(folder_, {}, SystemClock());
    std::unique_ptr<FolderSink> sink;
    RestoreFolder(*repository_, snapshot,
                  [&](const FolderContents&) -> FolderSink& {
                    sink = source->RestoreFolder(target, false, {});
                    return *sink;
                  },
                  nullptr, {});
    return target;
  }

  void ExpectResticRestores(const Digest& snapshot, const std::map<std::string, std::string>& expected) {
    const std::string target = place_->folder().File("by-restic-" + snapshot.Hex());
    Restic().Must({"restore", snapshot.Hex(), "--target", target});
    EXPECT_EQ(DescribeTree(target + kPath), expected);
    std::filesystem::permissions(target + kPath + "/read only", std::filesystem::perms::owner_all);
  }

  std::unique_ptr<test::ResticPlace> place_;
  std::unique_ptr<Repository> repository_;
  std::string folder_;
};

TEST_P(FoldersTest, OursComesBackFromResticAndFromUsTheSame) {
  const auto expected = DescribeTree(folder_);
  const BackupResult result = BackUp();
  Restic().Must({"check", "--read-data"});
  ExpectResticRestores(result.snapshot.id, expected);
  EXPECT_EQ(DescribeTree(RestoreHere(result.snapshot, "by-us")), expected);
  EXPECT_TRUE(Check(*repository_, {.read_data = true}, {}).problems.empty());
}

TEST_P(FoldersTest, ResticListsAndDumpsOurs) {
  const std::string id = BackUp().snapshot.id.Hex();
  const std::string listed = Restic().Must({"ls", id});
  EXPECT_THAT(listed, testing::HasSubstr(std::string(kPath) + "/deep/level 0/level 1"));
  EXPECT_THAT(listed, testing::HasSubstr(std::string(kPath) + "/año ñ ÑANDÚ.xml"));
  EXPECT_EQ(Restic().Must({"dump", id, std::string(kPath) + "/a name with blanks.pdf"}), "blanks");
}

TEST_P(FoldersTest, ResticsOwnComesBackFromUs) {
  const auto expected = DescribeTree(folder_);
  Restic().Must({"backup", "--host", "archivos", folder_});
  const std::vector<Snapshot> snapshots = repository_->ListSnapshots({});
  ASSERT_EQ(snapshots.size(), 1U);
  EXPECT_EQ(DescribeTree(RestoreHere(snapshots[0], "by-us")), expected);
}

TEST_P(FoldersTest, WhatDidNotChangeIsTakenFromTheBackupBefore) {
  const BackupResult first = BackUp();
  // What was changed that lately would be read again.
  test::WriteText(folder_ + "/new.txt", "new");
  const auto expected = DescribeTree(folder_);
  const BackupResult second = BackUp(first.snapshot.id);
  EXPECT_LT(second.bytes_new, 1000U);
  Restic().Must({"check", "--read-data"});
  ExpectResticRestores(second.snapshot.id, expected);
}

TEST_P(FoldersTest, WeGoOnAfterResticsPruneAndResticAfterOurs) {
  const BackupResult first = BackUp();
  test::WriteText(folder_ + "/facturas 2026/large.bin", test::NoiseText(2'000'000, 5));
  const BackupResult second = BackUp(first.snapshot.id);
  Restic().Must({"forget", "--prune", "--max-unused", "0", first.snapshot.id.Hex()});
  const auto expected = DescribeTree(folder_);
  EXPECT_EQ(DescribeTree(RestoreHere(second.snapshot, "after-restic")), expected);
  const BackupResult third = BackUp(second.snapshot.id);
  Restic().Must({"forget", second.snapshot.id.Hex()});
  Prune(*repository_, {.max_unused = 0}, {});
  Restic().Must({"check", "--read-data"});
  ExpectResticRestores(third.snapshot.id, expected);
}

INSTANTIATE_TEST_SUITE_P(Places, FoldersTest, testing::Values(PlaceKind::kLocal, PlaceKind::kS3), test::PlaceName);

}  // namespace
}  // namespace cofre::repository
