#include "engine/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/prune_job.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using namespace std::chrono_literals;
using test::FaultyStore;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RetentionTest : public ::testing::Test, protected EngineFixture {
 protected:
  // One backup a day, each of another content.
  void BackUpDays(int days) {
    for (int day = 0; day < days; ++day) {
      clock.Advance(24h);
      ChangeDump(++seed_);
      last_ = BackUp();
    }
  }

  bool SnapshotExists(const std::string& id) { return memory->Stat("srv1/900869750/snapshots/" + id, {}).has_value(); }

  BackupOutcome last_;
  uint64_t seed_ = 1000;
};

TEST_F(RetentionTest, TheCurrentYearKeepsThreeDays) {
  BackUpDays(5);
  EXPECT_THAT(Backups(), SizeIs(3));
  EXPECT_THAT(last_.forgotten, SizeIs(1));
  EXPECT_EQ(Backups().front(), last_.backup);
  ExpectSound();
}

TEST_F(RetentionTest, AClosedYearKeepsOne) {
  catalogue->AddDatabase({.company = kCompany, .fiscal_year = 2024, .path = "/data/OLD.FDB"}, clock.Now());
  ChangeDump(1, 2024);
  BackUp(2024);
  clock.Advance(24h);
  ChangeDump(2, 2024);
  const BackupOutcome second = BackUp(2024);
  EXPECT_THAT(Backups(), ::testing::ElementsAre(second.backup));
  ExpectSound();
}

TEST_F(RetentionTest, APinnedOneStays) {
  const Backup pinned =
      RunBackup(context, {.company = kCompany, .fiscal_year = 2026, .pinned_until = clock.Now() + 24h * 365}, nullptr,
                {})
          .backup;
  BackUpDays(5);
  EXPECT_THAT(Backups(), SizeIs(4));
  EXPECT_THAT(Backups(), ::testing::Contains(pinned));
}

// A failed delete must not drop the row: the backup would be an orphan for ever.
TEST_F(RetentionTest, ADeletionThatFailsLeavesBoth) {
  BackUpDays(3);
  const std::string oldest = Backups().back().snapshot_id;
  store->SetScript([](const FaultyStore::Call& call) {
    const bool removes =
        call.operation == FaultyStore::Operation::kDelete || call.operation == FaultyStore::Operation::kDeleteMany;
    return removes && call.key.find("snapshots/") != std::string::npos ? FaultyStore::Fault::kError
                                                                       : FaultyStore::Fault::kNone;
  });
  BackUpDays(1);
  EXPECT_THAT(last_.warning, HasSubstr("old ones were not removed"));
  EXPECT_THAT(Backups(), SizeIs(4));
  EXPECT_TRUE(SnapshotExists(oldest));

  store->Heal();
  BackUpDays(1);
  EXPECT_THAT(last_.warning, IsEmpty());
  EXPECT_THAT(Backups(), SizeIs(3));
  ExpectSound();
}

TEST_F(RetentionTest, NothingGoesBeforeItsSuccessorIsFoundComplete) {
  BackUpDays(3);
  const auto before = Backups();
  const size_t snapshots = CountSnapshots();
  // The next backup's first pack vanishes behind its back.
  std::string vanished;
  store->SetScript([&](const FaultyStore::Call& call) {
    if (call.operation == FaultyStore::Operation::kPut && call.key.find("/data/") != std::string::npos) {
      vanished = call.key;
    }
    if (call.operation == FaultyStore::Operation::kPut && call.key.find("/index/") != std::string::npos) {
      memory->Delete(vanished, {});
    }
    return FaultyStore::Fault::kNone;
  });
  EXPECT_ERROR(BackUpDays(1), ErrorKind::kTransient, HasSubstr("vanished"));
  EXPECT_FALSE(vanished.empty());
  EXPECT_EQ(Backups(), before);
  EXPECT_EQ(CountSnapshots(), snapshots);  // what is not complete is no backup either

  store->Heal();
  BackUpDays(1);
  EXPECT_THAT(Backups(), SizeIs(3));
}

TEST_F(RetentionTest, TheLastOfADatabaseStaysUntilTheSnapshotThatReplacesItIsReadBack) {
  context.retention.current_year_days = 1;
  BackUpDays(1);
  const Backup before = last_.backup;
  // The store takes the snapshot and loses it.
  store->SetScript([&](const FaultyStore::Call& call) {
    if (call.operation == FaultyStore::Operation::kGet && call.key.find("/snapshots/") != std::string::npos) {
      memory->Delete(call.key, {});
    }
    return FaultyStore::Fault::kNone;
  });
  BackUpDays(1);
  EXPECT_THAT(last_.warning, HasSubstr("old ones were not removed"));
  EXPECT_TRUE(SnapshotExists(before.snapshot_id));
  EXPECT_THAT(Backups(), ::testing::Contains(before));
}

TEST_F(RetentionTest, ForgetAppliesItWithoutABackup) {
  BackUpDays(3);
  context.retention.current_year_days = 1;
  EXPECT_THAT(RunForget(context, kCompany, 2025, {}), IsEmpty());
  EXPECT_THAT(RunForget(context, kCompany, std::nullopt, {}), SizeIs(2));
  EXPECT_THAT(Backups(), SizeIs(1));
  ExpectSound();
}

TEST_F(RetentionTest, OneCanBeRemovedByNameButNeverTheLast) {
  BackUpDays(2);
  const auto before = Backups();
  RunRemove(context, {before[0]}, {});
  EXPECT_THAT(Backups(), ::testing::ElementsAre(before[1]));
  EXPECT_ERROR(RunRemove(context, {before[1]}, {}), ErrorKind::kUsage, HasSubstr("no backup of 2026 left"));
  EXPECT_THAT(Backups(), SizeIs(1));
  ExpectSound();
}

TEST_F(RetentionTest, PruneFreesWhatRetentionLetGo) {
  BackUpDays(3);
  context.retention.current_year_days = 1;
  const PruneOutcome dry = RunPrune(context, kCompany, {.dry_run = true}, {});
  EXPECT_THAT(dry.forgotten, SizeIs(2));
  EXPECT_THAT(Backups(), SizeIs(3));

  const PruneOutcome outcome = RunPrune(context, kCompany, {}, {});
  EXPECT_THAT(outcome.forgotten, SizeIs(2));
  EXPECT_LT(outcome.report.bytes_after, outcome.report.bytes_before / 2);
  ExpectSound();
}

}  // namespace
}  // namespace cofre::engine
