#include "engine/snapshot_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cofre::engine {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

constexpr TimePoint kThen = TimePoint(std::chrono::seconds(1764000000));

repository::Snapshot SomeSnapshot() {
  repository::Snapshot snapshot;
  snapshot.id.bytes[0] = 0xab;
  snapshot.time = kThen;
  snapshot.paths = {"/900869750/2025/CONTAB.fbk"};
  snapshot.tags = SnapshotTags({.fiscal_year = 2025,
                                .engine = Engine::kFirebird,
                                .reason = JobReason::kScheduled,
                                .average_blob_bytes = 65536,
                                .pinned_until = kThen + 24h});
  snapshot.summary = {.total_bytes_processed = 1000,
                      .data_added = 500,
                      .data_added_packed = 100,
                      .data_blobs = 3,
                      .backup_start = kThen,
                      .backup_end = kThen + 3s};
  return snapshot;
}

TEST(SnapshotRecordTest, TagsAreReadableAndHaveNoCommas) {
  EXPECT_THAT(SomeSnapshot().tags, ElementsAre("year=2025", "engine=firebird", "kind=scheduled", "blob=65536",
                                               "pinned=2025-11-25T16:00:00Z"));
}

TEST(SnapshotRecordTest, ACopyOfPagesIsTagged) {
  EXPECT_THAT(SnapshotTags({.fiscal_year = 2025, .average_blob_bytes = 16384, .method = DumpMethod::kPhysical}),
              ElementsAre("year=2025", "engine=firebird", "kind=manual", "blob=16384", "method=physical"));
}

TEST(SnapshotRecordTest, ReadsBackEverythingThatTheCatalogueHolds) {
  const auto recorded = ReadSnapshot(SomeSnapshot());
  ASSERT_TRUE(recorded.has_value());
  EXPECT_EQ(recorded->engine, Engine::kFirebird);
  EXPECT_EQ(recorded->average_blob_bytes, 65536U);
  const Backup& backup = recorded->backup;
  EXPECT_EQ(backup.snapshot_id, SomeSnapshot().id.Hex());
  EXPECT_EQ(backup.company, "900869750");
  EXPECT_EQ(backup.fiscal_year, 2025);
  EXPECT_EQ(backup.time, kThen);
  EXPECT_EQ(backup.path, "/900869750/2025/CONTAB.fbk");
  EXPECT_EQ(backup.dump_bytes, 1000U);
  EXPECT_EQ(backup.new_bytes, 500U);
  EXPECT_EQ(backup.stored_bytes, 100U);
  EXPECT_EQ(backup.elapsed, 3s);
  EXPECT_EQ(backup.pinned_until, kThen + 24h);
}

TEST(SnapshotRecordTest, ThePathAloneTellsCompanyAndYear) {
  repository::Snapshot snapshot = SomeSnapshot();
  snapshot.tags.clear();
  const auto recorded = ReadSnapshot(snapshot);
  ASSERT_TRUE(recorded.has_value());
  EXPECT_EQ(recorded->backup.company, "900869750");
  EXPECT_EQ(recorded->backup.fiscal_year, 2025);
  EXPECT_EQ(recorded->engine, std::nullopt);
}

TEST(SnapshotRecordTest, TagsThatMeanNothingAreIgnored) {
  repository::Snapshot snapshot = SomeSnapshot();
  snapshot.tags = {"year=20255", "engine=oracle", "blob=many", "pinned=tomorrow", "year"};
  const auto recorded = ReadSnapshot(snapshot);
  ASSERT_TRUE(recorded.has_value());
  EXPECT_EQ(recorded->backup.fiscal_year, 2025);
  EXPECT_EQ(recorded->engine, std::nullopt);
  EXPECT_EQ(recorded->average_blob_bytes, 0U);
  EXPECT_EQ(recorded->backup.pinned_until, std::nullopt);
}

class ForeignSnapshotTest : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(ForeignSnapshotTest, IsNotTakenForABackup) {
  repository::Snapshot snapshot = SomeSnapshot();
  snapshot.paths = GetParam();
  EXPECT_EQ(ReadSnapshot(snapshot), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Paths, ForeignSnapshotTest,
                         ::testing::Values(std::vector<std::string>{}, std::vector<std::string>{"/home/ana"},
                                           std::vector<std::string>{"/900869750/2025"},
                                           std::vector<std::string>{"/900869750/2025/"},
                                           std::vector<std::string>{"/900869750/2025/a/b"},
                                           std::vector<std::string>{"/ana/2025/CONTAB.fbk"},
                                           std::vector<std::string>{"/900.869.750/2025/CONTAB.fbk"},
                                           std::vector<std::string>{"900869750/2025/CONTAB.fbk"},
                                           std::vector<std::string>{"/900869750/2025/A.fbk", "/900869750/2025/B.fbk"}));

}  // namespace
}  // namespace cofre::engine
