// What our backups wrote, the installed restic checks, restores, dumps and prunes; and our next backup goes on from
// what it left.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "repository/check.h"
#include "repository/pipeline/backup_tuning.h"
#include "repository/repository_state.h"
#include "tests/support/restic_place.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"

namespace cofre::repository {
namespace {

using test::PlaceKind;

constexpr char kPassword[] = "a password of a company";
constexpr char kPath[] = "/900869750/2025/CONTAB.fbk";

Bytes ReadFileBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class OurBackupsTest : public testing::TestWithParam<PlaceKind> {
 protected:
  void SetUp() override {
    if (GetParam() == PlaceKind::kS3) COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT");
    place_ = std::make_unique<test::ResticPlace>(GetParam(), kPassword);
    Repository::Initialize(*place_->store(), Secret(kPassword), SystemEnvironment(), {});
    repository_ = Repository::Open(place_->store(), Secret(kPassword), SystemEnvironment(), {});
    // Rows of text between bytes that do not compress, so that both kinds of blobs come.
    content_ = test::Noise(400'000, 1);
    for (int i = 0; i < 20'000; ++i) {
      const std::string row = "ARTICLE " + std::to_string(i * 7919 % 100'003) + " SOLD AT " + std::to_string(i) + ";";
      content_.insert(content_.end(), row.begin(), row.end());
    }
  }

  const test::Restic& Restic() const { return place_->restic(); }

  BackupResult BackUp(const BackupTuning& tuning = {}) {
    BackupRequest request;
    request.path = kPath;
    request.tags = {"anio=2025", "motor=firebird"};
    request.hostname = "servidor-1";
    request.username = "cofre";
    request.average_blob_bytes = 16 * 1024;
    test::BufferSource source(content_);
    return WriteBackupTuned(*repository_, source, request, tuning, nullptr, {});
  }

  // A day's work: something in the middle, something at the end.
  void Change() {
    content_[content_.size() / 2 + 1000 * changes_] ^= 1;
    const std::string row = "NEW SALE " + std::to_string(changes_++);
    content_.insert(content_.end(), row.begin(), row.end());
  }

  void ExpectRestores(const Digest& snapshot, const Bytes& content) {
    const std::string target = place_->folder().File("target-" + snapshot.Hex());
    Restic().Must({"restore", snapshot.Hex(), "--target", target});
    EXPECT_TRUE(ReadFileBytes(target + kPath) == content);
  }

  std::unique_ptr<test::ResticPlace> place_;
  std::unique_ptr<Repository> repository_;
  Bytes content_;
  int changes_ = 0;
};

TEST_P(OurBackupsTest, EveryDayPassesTheChecksAndComesBackTheSame) {
  std::map<Digest, Bytes> days;
  for (int day = 0; day < 8; ++day) {
    days.emplace(BackUp().snapshot.id, content_);
    if (day != 4) Change();
  }
  EXPECT_EQ(days.size(), 8);
  Restic().Must({"check", "--read-data"});
  for (const auto& [snapshot, content] : days) ExpectRestores(snapshot, content);
  EXPECT_THAT(Restic().Must({"snapshots", "latest"}), testing::HasSubstr(kPath));
}

TEST_P(OurBackupsTest, ADumpIsTheSameBytes) {
  BackUp();
  Change();
  const BackupResult second = BackUp();
  const std::string dumped = Restic().Must({"dump", second.snapshot.id.Hex(), kPath});
  // Long outputs lose their middle.
  const size_t kept = 10'000;
  ASSERT_GT(dumped.size(), 2 * kept);
  EXPECT_EQ(dumped.substr(0, kept), AsText(ByteView(content_).first(kept)));
  EXPECT_EQ(dumped.substr(dumped.size() - kept), AsText(ByteView(content_).last(kept)));
}

TEST_P(OurBackupsTest, ManySmallPacksAndIndexFilesPassToo) {
  BackupTuning tuning;
  tuning.pump.block_bytes = 64 * 1024;
  tuning.pack_bytes = 100'000;
  tuning.index.blobs = 10;
  for (int day = 0; day < 3; ++day) {
    BackUp(tuning);
    Change();
  }
  EXPECT_GT(ListAll(*place_->store(), "index/", {}).size(), 2)
      << "one a backup at least; more where packs end while the next ones fill";
  Restic().Must({"check", "--read-data"});
}

TEST_P(OurBackupsTest, AfterAPruneByResticTheNextBackupIsWhole) {
  const BackupResult first = BackUp();
  Change();
  const BackupResult second = BackUp();
  Restic().Must({"forget", "--prune", first.snapshot.id.Hex(), second.snapshot.id.Hex()});

  // This process still has the index of before in memory.
  const BackupResult third = BackUp();
  EXPECT_EQ(third.bytes_new, content_.size());
  Restic().Must({"check", "--read-data"});
  ExpectRestores(third.snapshot.id, content_);
}

TEST_P(OurBackupsTest, WhatResticRepackedIsFoundAgain) {
  BackUp();
  for (int day = 0; day < 6; ++day) {
    Change();
    BackUp();
  }
  Restic().Must({"forget", "--keep-last", "1", "--prune", "--max-unused", "0"});
  const BackupResult same = BackUp();
  EXPECT_TRUE(same.unchanged);
  Change();
  const BackupResult next = BackUp();
  EXPECT_LT(next.bytes_new, 100'000);
  Restic().Must({"check", "--read-data"});
  ExpectRestores(next.snapshot.id, content_);
}

TEST_P(OurBackupsTest, ResticMayBackUpBetweenOurs) {
  BackUp();
  Restic().Must({"backup", "--stdin", "--stdin-filename", "theirs.txt"}, "something of theirs");
  Change();
  const BackupResult next = BackUp();
  Restic().Must({"check", "--read-data"});
  ExpectRestores(next.snapshot.id, content_);
}

TEST_P(OurBackupsTest, ResticCanRewriteOurTrees) {
  // It refuses trees that are not byte for byte what it would write.
  const BackupResult result = BackUp();
  Restic().Must({"tag", "--add", "seen", result.snapshot.id.Hex()});
  const Snapshot tagged = repository_->ListSnapshots({}).back();
  EXPECT_THAT(tagged.tags, testing::ElementsAre("anio=2025", "motor=firebird", "seen"));
  EXPECT_EQ(tagged.tree, result.snapshot.tree);
}

INSTANTIATE_TEST_SUITE_P(Places, OurBackupsTest, testing::Values(PlaceKind::kLocal, PlaceKind::kS3), test::PlaceName);

}  // namespace
}  // namespace cofre::repository
