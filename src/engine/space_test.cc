#include "engine/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SpaceTest : public ::testing::Test, protected EngineFixture {
 protected:
  void SetLimit(uint64_t bytes) {
    Company company = catalogue->GetCompany(kCompany);
    company.space_limit_bytes = bytes;
    catalogue->UpdateCompany(company);
  }
  uint64_t Stored() { return OpenDirectly()->StoredBytes({}); }
};

TEST_F(SpaceTest, TheFigureOfARunningProcessIsTheTruth) {
  for (uint64_t day = 0; day < 5; ++day) {
    ChangeDump(day);
    clock.Advance(24h);
    const BackupOutcome outcome = BackUp();
    EXPECT_GE(outcome.space.used_bytes, Stored());
    EXPECT_LE(outcome.space.used_bytes, Stored() + 10'000);  // forgotten snapshots, not measured anew
  }
}

TEST_F(SpaceTest, AtTheLimitABackupFailsWithTheFiguresAndTouchesNothing) {
  const Backup first = BackUp().backup;
  SetLimit(Stored() - 1);
  ChangeDump(2);
  clock.Advance(24h);
  EXPECT_ERROR(BackUp(), ErrorKind::kQuota,
               AllOf(HasSubstr("900869750"), HasSubstr(std::to_string(Stored())), HasSubstr("KiB")));
  EXPECT_THAT(Backups(), ::testing::ElementsAre(first));
  EXPECT_EQ(LastJob().error_kind, "quota");
  ExpectSound();
}

TEST_F(SpaceTest, AtTheLimitWhatRetentionLetsGoIsReclaimedFirst) {
  for (uint64_t day = 0; day < 3; ++day) {
    ChangeDump(day);
    clock.Advance(24h);
    BackUp();
  }
  SetLimit(Stored() - 1);
  context.retention.current_year_days = 1;
  ChangeDump(9);
  clock.Advance(24h);
  BackUp();
  EXPECT_THAT(Backups(), SizeIs(1));
  EXPECT_LT(Stored(), 450'000U);
  ExpectSound();
}

TEST_F(SpaceTest, ABackupThatWouldPassTheLimitIsStoppedAndLeavesNothing) {
  const Backup first = BackUp().backup;
  const uint64_t before = Stored();
  SetLimit(before + 100'000);
  ChangeDump(2);
  clock.Advance(24h);
  EXPECT_ERROR(BackUp(), ErrorKind::kQuota, AllOf(HasSubstr("900869750"), HasSubstr("KiB")));
  EXPECT_THAT(Backups(), ::testing::ElementsAre(first));
  EXPECT_LE(Stored(), before + 1000);
  ExpectSound();
}

TEST_F(SpaceTest, AListingThatFailsLetsNothingThrough) {
  BackUp();
  Restart();
  ChangeDump(2);
  clock.Advance(24h);
  store->SetScript([](const test::FaultyStore::Call& call) {
    return call.operation == test::FaultyStore::Operation::kList && call.key == "srv1/900869750/"
               ? test::FaultyStore::Fault::kHalf
               : test::FaultyStore::Fault::kNone;
  });
  EXPECT_ERROR(BackUp(), ErrorKind::kTransient, ::testing::_);
  EXPECT_THAT(Backups(), SizeIs(1));
}

}  // namespace
}  // namespace cofre::engine
