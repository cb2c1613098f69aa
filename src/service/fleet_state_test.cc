#include "service/fleet_state.h"

#include <gtest/gtest.h>

#include "planner/planner.h"
#include "tests/support/temporary_folder.h"

namespace cofre::service {
namespace {

using planner::DatabaseFacts;
using planner::Outcome;
using namespace std::chrono_literals;

const TimePoint kNow = ParseTime("2026-11-24T06:00:00Z").value();  // 01:00 in Bogota

class FleetStateTest : public ::testing::Test {
 protected:
  FleetStateTest() : catalogue_(catalogue::Catalogue::OpenOrCreate(folder_.File("catalogo.db"))) {
    config_.time_zone = "America/Bogota";
    catalogue_->AddServer({.name = "srv1", .max_concurrent = 3});
    catalogue_->AddServer({.name = "srv2"});
  }

  void Add(const Company& company, int year = 2026) {
    catalogue_->AddCompany(company);
    catalogue_->AddDatabase({.company = company.id, .fiscal_year = year, .path = "/x"}, kNow);
  }
  planner::Fleet Read() { return ReadFleet(*catalogue_, config_, kNow).fleet; }

  // A backup job of company 11111 that has ended so.
  void End(const catalogue::JobOutcome& outcome, const Job& job) {
    catalogue_->FinishJob(catalogue_->StartJob(job), outcome);
  }
  test::TemporaryFolder folder_;
  std::unique_ptr<catalogue::Catalogue> catalogue_;
  Config config_;
};

TEST_F(FleetStateTest, AnEmptyCatalogueIsAnEmptyFleet) {
  const planner::Fleet fleet = Read();
  EXPECT_TRUE(fleet.databases.empty());
  EXPECT_EQ(fleet.zones.size(), 1U);
  EXPECT_TRUE(planner::MakePlan(fleet, {}, kNow).run.empty());
}

TEST_F(FleetStateTest, ARegistrationOfTheFutureDoesNotCount) {
  Add({.id = "11111", .name = "a", .server = "srv1"});
  EXPECT_EQ(Read().databases[0].known_since, kNow);
  EXPECT_EQ(ReadFleet(*catalogue_, config_, kNow - 24h).fleet.databases[0].known_since, kNoTime);
}

TEST_F(FleetStateTest, CompaniesAndDatabasesAreAsRegistered) {
  Add({.id = "22222",
       .name = "b",
       .server = "srv2",
       .enabled = false,
       .backup_time = 150min,
       .time_zone = "Europe/Madrid"});
  Add({.id = "11111", .name = "a", .server = "srv1"}, 2025);
  config_.first_fiscal_month = 7;
  const FleetState state = ReadFleet(*catalogue_, config_, kNow);
  const planner::Fleet& fleet = state.fleet;
  ASSERT_EQ(state.companies, (std::vector<std::string>{"11111", "22222"}));
  EXPECT_EQ(fleet.companies[1].key, planner::KeyOf("22222"));
  EXPECT_EQ(fleet.servers[fleet.companies[1].server].name, "srv2");
  EXPECT_EQ(fleet.zones[fleet.companies[1].zone].name(), "Europe/Madrid");
  EXPECT_EQ(fleet.zones[fleet.companies[0].zone].name(), "America/Bogota");
  EXPECT_EQ(fleet.companies[1].backup_minute, 150);
  EXPECT_EQ(fleet.companies[1].first_fiscal_month, 7);
  EXPECT_FALSE(fleet.companies[1].enabled);
  EXPECT_EQ(fleet.databases[0].fiscal_year, 2025);
  EXPECT_EQ(fleet.databases[1].company, 1U);
}

TEST_F(FleetStateTest, AZoneUnknownHereIsTakenAsTheServices) {
  Add({.id = "11111", .name = "a", .server = "srv1", .time_zone = "Atlantis/Capital"});
  EXPECT_EQ(Read().companies[0].zone, 0);
}

TEST_F(FleetStateTest, TheNewestBackupCountsUnlessAClockWasWrong) {
  Add({.id = "11111", .name = "a", .server = "srv1"});
  const auto add = [&](char digit, TimePoint time) {
    catalogue_->AddBackup({.snapshot_id = std::string(64, digit),
                           .company = "11111",
                           .fiscal_year = 2026,
                           .time = time,
                           .path = "/11111/2026/x.fbk"});
  };
  EXPECT_EQ(Read().databases[0].newest_backup, kNoTime);
  add('1', kNow - 48h);
  add('2', kNow - 24h);
  add('3', kNow + 24h);
  EXPECT_EQ(Read().databases[0].newest_backup, kNow - 24h);
}

TEST_F(FleetStateTest, TheLastAttemptIsTold) {
  Add({.id = "11111", .name = "a", .server = "srv1"});
  const Job job{.reason = JobReason::kScheduled,
                .company = "11111",
                .fiscal_year = 2026,
                .attempt = 2,
                .scheduled_day = 20'781,
                .started = kNow - 10min,
                .owner = "x"};
  const auto outcome_after = [&](JobState state, const std::string& kind) {
    End({.state = state, .ended = kNow - 5min, .error_kind = kind}, job);
    return Read().databases[0].outcome;
  };
  EXPECT_EQ(Read().databases[0].outcome, Outcome::kNone);
  EXPECT_EQ(outcome_after(JobState::kFailed, "transient"), Outcome::kTransient);
  EXPECT_EQ(outcome_after(JobState::kFailed, "quota"), Outcome::kOverSpace);
  EXPECT_EQ(outcome_after(JobState::kFailed, "auth"), Outcome::kPermanent);
  EXPECT_EQ(outcome_after(JobState::kInterrupted, ""), Outcome::kInterrupted);
  EXPECT_EQ(outcome_after(JobState::kDone, ""), Outcome::kDone);
  const DatabaseFacts facts = Read().databases[0];
  EXPECT_EQ(facts.attempt, 2);
  EXPECT_EQ(facts.attempt_started, kNow - 10min);
  EXPECT_EQ(facts.attempt_ended, kNow - 5min);
  EXPECT_EQ(facts.scheduled_day, 20'781);
}

TEST_F(FleetStateTest, JobsThatWaitOrRunAreTold) {
  Add({.id = "11111", .name = "a", .server = "srv1"});
  Add({.id = "22222", .name = "b", .server = "srv1"});
  Add({.id = "33333", .name = "c", .server = "srv1"});
  catalogue_->EnqueueJob(
      {.reason = JobReason::kScheduled, .company = "11111", .fiscal_year = 2026, .batch = 4, .queued = kNow - 1min});
  catalogue_->StartJob({.kind = JobKind::kPrune, .company = "22222", .started = kNow, .owner = "x"});
  catalogue_->StartJob({.kind = JobKind::kRestore, .company = "33333", .started = kNow, .owner = "x"});
  const planner::Fleet fleet = Read();
  ASSERT_EQ(fleet.jobs.size(), 2U);
  EXPECT_EQ(fleet.jobs[0].database, 0U);
  EXPECT_FALSE(fleet.jobs[0].running);
  EXPECT_EQ(fleet.jobs[0].batch, 4U);
  EXPECT_EQ(fleet.jobs[1].database, planner::JobFacts::kAllDatabases);
  EXPECT_TRUE(fleet.jobs[1].running);
  EXPECT_EQ(fleet.batch, 4U);
  EXPECT_EQ(fleet.batch_admitted, 1U);
  const Plan plan = planner::MakePlan(fleet, {}, kNow);
  EXPECT_EQ(plan.entries[0].reason, PlanReason::kQueued);
  EXPECT_EQ(plan.entries[1].reason, PlanReason::kCompanyBusy);
  EXPECT_TRUE(plan.entries[2].runs());
}

TEST_F(FleetStateTest, StartsOfClosedYearsInTheLastHourAreTold) {
  Add({.id = "11111", .name = "a", .server = "srv1"}, 2020);
  Add({.id = "22222", .name = "b", .server = "srv1"}, 2020);
  const auto enqueue = [&](const char* company, JobReason reason, TimePoint queued) {
    catalogue_->EnqueueJob({.reason = reason, .company = company, .fiscal_year = 2020, .queued = queued});
  };
  enqueue("11111", JobReason::kRefresh, kNow - 30min);
  enqueue("22222", JobReason::kManual, kNow - 30min);
  EXPECT_EQ(Read().refresh_starts, (std::vector<TimePoint>{kNow - 30min}));
  EXPECT_TRUE(ReadFleet(*catalogue_, config_, kNow + 2h).fleet.refresh_starts.empty());
}

TEST_F(FleetStateTest, PausesAndServersLuckAreTold) {
  catalogue_->AddPause("srv2", kNow);
  catalogue_->PutServerState(
      {.server = "srv1", .failures = 5, .pauses = 1, .paused_until = kNow + 10min, .recovered_at = kNow - 24h});
  catalogue_->PutFact(kWatchingSinceFact, FormatTime(kNow - 5h));
  const planner::Fleet fleet = Read();
  EXPECT_EQ(fleet.servers[0].max_concurrent, 3U);
  EXPECT_TRUE(fleet.servers[0].failing);
  EXPECT_EQ(fleet.servers[0].paused_until, kNow + 10min);
  EXPECT_EQ(fleet.servers[0].recovered_at, kNow - 24h);
  EXPECT_FALSE(fleet.servers[0].paused_by_user);
  EXPECT_TRUE(fleet.servers[1].paused_by_user);
  EXPECT_FALSE(fleet.servers[1].failing);
  EXPECT_FALSE(fleet.paused);
  EXPECT_EQ(fleet.watching_since, kNow - 5h);
  catalogue_->AddPause("", kNow);
  EXPECT_TRUE(Read().paused);
}

}  // namespace
}  // namespace cofre::service
