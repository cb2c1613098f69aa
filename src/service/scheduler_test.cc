#include "service/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/requeue.h"
#include "service/service_test_vault.h"

namespace cofre::service {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

class SchedulerTest : public ::testing::Test {
 protected:
  std::vector<Job> Queued() { return vault_.catalogue().ListJobs({.state = JobState::kQueued}, 99); }

  ServiceVault vault_{"[servicio]\nensayos_por_dia = 0\nverificacion_dias = 0\n"};
};

TEST_F(SchedulerTest, WhatIsDueIsQueuedOnce) {
  vault_.AddCompany("11111");
  EXPECT_EQ(vault_.LookNow().queued, 0U);
  vault_.clock.Advance(30min);
  const Look look = vault_.LookNow();
  EXPECT_EQ(look.queued, 1U);
  ASSERT_THAT(Queued(), SizeIs(1));
  const Job job = Queued()[0];
  EXPECT_EQ(job.reason, JobReason::kScheduled);
  EXPECT_EQ(job.due, ParseTime("2026-11-24T06:00:00Z"));
  EXPECT_EQ(job.scheduled_day, 20781);
  EXPECT_FALSE(job.late);
  EXPECT_EQ(vault_.LookNow().queued, 0U);

  EXPECT_EQ(vault_.RunAll(), 1U);
  vault_.clock.Advance(1min);
  EXPECT_EQ(vault_.LookNow().queued, 0U);
  EXPECT_EQ(vault_.CountBackups(), 1U);
}

TEST_F(SchedulerTest, WhatWasRegisteredBeforeItsHourIsDueAtTheFirstLookAfterIt) {
  vault_.AddCompany("11111");
  vault_.clock.Advance(35min);
  EXPECT_EQ(vault_.LookNow().queued, 1U);
  // Registered after its hour: tomorrow.
  vault_.AddCompany("22222");
  vault_.clock.Advance(1h);
  EXPECT_EQ(vault_.LookNow().queued, 0U);
  EXPECT_THAT(Queued(), SizeIs(1));
}

TEST_F(SchedulerTest, DowntimeIsCaughtUpAndCalledLate) {
  vault_.AddCompany("11111");
  vault_.LookNow();
  // Down from 00:50 to 09:00.
  vault_.clock.Advance(20min);
  vault_.LookNow();
  vault_.clock.Advance(8h + 10min);
  EXPECT_EQ(vault_.LookNow().queued, 1U);
  EXPECT_TRUE(Queued().at(0).late);
  EXPECT_EQ(vault_.RunAll(), 1U);
  // The next night comes as usual.
  vault_.clock.Advance(15h);
  EXPECT_EQ(vault_.LookNow().queued, 0U);
  vault_.clock.Advance(1h);
  EXPECT_EQ(vault_.LookNow().queued, 1U);
}

TEST_F(SchedulerTest, AClockThatGoesBackAnHourRunsNothingTwice) {
  vault_.AddCompany("11111");
  vault_.LookNow();
  vault_.clock.Advance(35min);
  vault_.LookNow();
  EXPECT_EQ(vault_.RunAll(), 1U);
  vault_.clock.Advance(-1h);
  EXPECT_EQ(vault_.LookNow().queued, 0U);
  vault_.clock.Advance(1h);
  EXPECT_EQ(vault_.LookNow().queued, 0U);
  EXPECT_EQ(vault_.CountBackups(), 1U);
}

TEST_F(SchedulerTest, ATransientFailureIsTriedAgainAfterItsPauseThreeTimes) {
  // A program that a signal ended may do better next time.
  vault_.AddCompany("11111", 2026, {"sh", "-c", "kill -9 $$"});
  vault_.LookNow();
  vault_.clock.Advance(30min);
  size_t tries = 0;
  for (int minute = 0; minute < 6 * 60; ++minute) {
    vault_.LookNow();
    tries += vault_.RunAll();
    vault_.clock.Advance(1min);
  }
  EXPECT_EQ(tries, 4U);
  EXPECT_EQ(vault_.catalogue().ListJobs({}, 1).at(0).attempt, 4);
}

TEST_F(SchedulerTest, APermanentFailureWaitsForItsNextDayOrAChange) {
  vault_.AddCompany("11111", 2026, {"false"});
  vault_.LookNow();
  vault_.clock.Advance(30min);
  vault_.LookNow();
  EXPECT_EQ(vault_.RunAll(), 1U);
  for (int i = 0; i < 10; ++i) {
    vault_.clock.Advance(10min);
    EXPECT_EQ(vault_.LookNow().queued, 0U);
  }
  vault_.SetCommand("11111", {"echo", "mended"});
  EXPECT_EQ(vault_.LookNow().queued, 1U);
  vault_.RunAll();
  EXPECT_EQ(vault_.CountBackups(), 1U);
}

TEST_F(SchedulerTest, ACompanyDisabledWhileItWaitsIsDroppedUnlessSomebodyAsked) {
  vault_.AddCompany("11111");
  vault_.AddCompany("22222");
  vault_.LookNow();
  vault_.clock.Advance(30min);
  EXPECT_EQ(vault_.LookNow().queued, 2U);
  vault_.Enqueue("22222");
  for (const char* id : {"11111", "22222"}) {
    Company company = vault_.catalogue().GetCompany(id);
    company.enabled = false;
    vault_.catalogue().UpdateCompany(company);
  }
  vault_.LookNow();
  ASSERT_THAT(Queued(), SizeIs(1));
  EXPECT_EQ(Queued()[0].company, "22222");
}

TEST_F(SchedulerTest, WhatADeadProcessHadIsDoneAgain) {
  vault_.AddCompany("11111");
  vault_.AddCompany("22222");
  vault_.LookNow();
  vault_.clock.Advance(30min);
  vault_.LookNow();
  vault_.Enqueue("22222");
  // Both are claimed by a process that is gone.
  std::string dead = OwnProcessIdentity();
  dead.back() = dead.back() == '1' ? '2' : '1';
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(vault_.catalogue().ClaimJob(
        {.owner = dead, .now = vault_.clock.Now(), .lease_until = vault_.clock.Now() + 2min}));
  }
  vault_.clock.Advance(1s);
  vault_.LookNow();
  EXPECT_THAT(vault_.catalogue().ListJobs({.state = JobState::kInterrupted}, 9), SizeIs(2));
  EXPECT_EQ(Queued().size() + vault_.catalogue().ListJobs({.state = JobState::kRunning}, 9).size(), 2U);
  EXPECT_EQ(vault_.RunAll(), 2U);
  EXPECT_EQ(vault_.CountBackups(), 2U);
}

TEST_F(SchedulerTest, AManualJobThatTookThreeProcessesWithItIsGivenUp) {
  vault_.AddCompany("11111");
  vault_.Enqueue("11111");
  for (int i = 0; i < 5; ++i) {
    const auto job = vault_.catalogue().ClaimJob({.owner = "x", .now = vault_.clock.Now()});
    if (!job) break;
    for (const Job& ended :
         vault_.catalogue().MarkRunningJobsInterrupted([](const std::string&) { return false; }, vault_.clock.Now())) {
      RequeueInterrupted(vault_.catalogue(), ended, vault_.clock.Now());
    }
  }
  EXPECT_THAT(vault_.catalogue().ListJobs({}, 9), SizeIs(3));
}

TEST_F(SchedulerTest, NothingIsQueuedWhileEverythingIsPaused) {
  vault_.AddCompany("11111");
  vault_.LookNow();
  vault_.catalogue().AddPause("", vault_.clock.Now());
  vault_.clock.Advance(30min);
  EXPECT_EQ(vault_.LookNow().queued, 0U);
  vault_.catalogue().RemovePause("");
  EXPECT_EQ(vault_.LookNow().queued, 1U);
}

}  // namespace
}  // namespace cofre::service
