#include "planner/planner.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "planner/explain.h"
#include "planner/planner_test_fleet.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;

// Scheduled backups.

TEST(PlannerTest, ACurrentYearIsDueAtItsHourAndNotBefore) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026, {.newest = "2026-11-23T06:00:30Z"});
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T05:59:59Z", it), PlanReason::kNotDue);
  EXPECT_EQ(FormatTime(fleet.At("2026-11-24T05:59:59Z").entries[it].when), "2026-11-24T06:00:00Z");
  const Plan plan = fleet.At("2026-11-24T06:00:00Z");
  EXPECT_EQ(plan.entries[it].reason, PlanReason::kScheduled);
  EXPECT_EQ(plan.entries[it].priority, JobPriority::kScheduled);
  EXPECT_EQ(FormatDay(plan.entries[it].day), "2026-11-24");
  EXPECT_EQ(plan.entries[it].attempt, 1);
  EXPECT_EQ(plan.run, (std::vector<uint32_t>{it}));
}

TEST(PlannerTest, AnyMinuteOfTheDayIsAnHourForABackup) {
  TestFleet fleet;
  for (const int minute : {0, 1, 59, 61, 754, 1439}) {
    const uint32_t it = fleet.Add(2026);
    fleet.CompanyOf(it).backup_minute = static_cast<uint16_t>(minute);
    fleet->databases[it].newest_backup = Time("2026-11-23T05:00:00Z") + std::chrono::minutes(minute);
    const TimePoint due = Time("2026-11-24T05:00:00Z") + std::chrono::minutes(minute);
    EXPECT_EQ(fleet.At(due - 1ns).entries[it].reason, PlanReason::kNotDue) << minute;
    EXPECT_EQ(fleet.At(due).entries[it].reason, PlanReason::kScheduled) << minute;
    fleet->databases[it].newest_backup = due + 1h;
  }
}

TEST(PlannerTest, OnceDoneADayIsDoneWhicheverJobDidIt) {
  TestFleet fleet;
  const uint32_t manual = fleet.Add(2026, {.newest = "2026-11-24T06:00:00Z"});
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T23:00:00Z", manual), PlanReason::kNotDue);
}

TEST(PlannerTest, AnHourMovedToLaterInTheDayDoesNotRunTwice) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026, {.newest = "2026-11-24T06:00:00Z"});
  fleet->databases[it].scheduled_day = DayNumber("2026-11-24");
  fleet.CompanyOf(it).backup_minute = 5 * 60;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T11:00:00Z", it), PlanReason::kNotDue);
  EXPECT_EQ(fleet.ReasonAt("2026-11-25T10:00:00Z", it), PlanReason::kScheduled);
}

TEST(PlannerTest, ADatabaseIsNotDueForAnHourBeforeItWasRegistered) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026);
  fleet->databases[it].known_since = Time("2026-11-24T15:00:00Z");
  const Plan plan = fleet.At("2026-11-24T15:00:00Z");
  EXPECT_EQ(plan.entries[it].reason, PlanReason::kNotDue);
  EXPECT_EQ(Explain(plan, *fleet, it), "no backup yet; due at 2026-11-25 01:00");
  EXPECT_EQ(fleet.ReasonAt("2026-11-25T06:00:00Z", it), PlanReason::kScheduled);
}

TEST(PlannerTest, AfterDowntimeWhatWasMissedRunsAtOnceAndIsLate) {
  TestFleet fleet;
  fleet->watching_since = Time("2026-11-24T14:00:00Z");  // down from 00:50 to 09:00 in Bogota
  const uint32_t missed = fleet.Add(2026, {.newest = "2026-11-23T06:00:00Z"});
  const uint32_t later = fleet.Add(2026, {.newest = "2026-11-23T14:00:00Z"});
  fleet.CompanyOf(later).backup_minute = 9 * 60;
  const Plan plan = fleet.At("2026-11-24T14:00:00Z");
  EXPECT_TRUE(plan.entries[missed].runs());
  EXPECT_TRUE(plan.entries[missed].late);
  EXPECT_TRUE(plan.entries[later].runs());
  EXPECT_FALSE(plan.entries[later].late);
}

TEST(PlannerTest, WithinTheMarginNothingIsLate) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026, {.newest = "2026-11-23T06:00:00Z"});
  fleet->watching_since = Time("2026-11-24T06:05:00Z");
  EXPECT_FALSE(fleet.At("2026-11-24T06:05:00Z").entries[it].late);
  fleet->watching_since = Time("2026-11-24T06:05:01Z");
  EXPECT_TRUE(fleet.At("2026-11-24T06:05:01Z").entries[it].late);
}

TEST(PlannerTest, WaitingForABatchIsNotLate) {
  TestFleet fleet;
  fleet->watching_since = Time("2026-11-20T00:00:00Z");
  const uint32_t it = fleet.Add(2026, {.newest = "2026-11-23T06:00:00Z"});
  EXPECT_FALSE(fleet.At("2026-11-24T08:00:00Z").entries[it].late);
}

// Batches.

TEST(PlannerTest, DueDatabasesAreAdmittedInBatches) {
  TestFleet fleet;
  for (int i = 0; i < 45; ++i) fleet.Add(2026);
  const Plan plan = fleet.At("2026-11-24T06:00:00Z");
  EXPECT_EQ(plan.run.size(), 20U);
  EXPECT_EQ(plan.Count(PlanReason::kBatchBefore), 25U);
  EXPECT_EQ(plan.entries[0].batch, 1U);
  EXPECT_EQ(plan.entries[20].batch, 2U);
  EXPECT_EQ(plan.entries[44].batch, 3U);
}

TEST(PlannerTest, TheNextBatchBeginsWhenTheLastOfTheOneBeforeHasEnded) {
  TestFleet fleet;
  for (int i = 0; i < 25; ++i) fleet.Add(2026);
  fleet->batch = 7;
  fleet->batch_admitted = 20;
  fleet->jobs = {{.company = 0, .database = 0, .running = true, .batch = 7}};
  EXPECT_TRUE(fleet.At("2026-11-24T06:00:00Z").run.empty());
  fleet->jobs.clear();
  fleet->databases[0].newest_backup = Time("2026-11-24T06:00:00Z");
  const Plan plan = fleet.At("2026-11-24T06:00:01Z");
  EXPECT_EQ(plan.run.size(), 20U);
  EXPECT_EQ(plan.entries[plan.run[0]].batch, 8U);
}

TEST(PlannerTest, ABatchThatIsNotFullTakesWhoIsDueMeanwhile) {
  TestFleet fleet;
  const uint32_t first = fleet.Add(2026);
  const uint32_t second = fleet.Add(2026);
  fleet->batch = 7;
  fleet->batch_admitted = 19;
  fleet->jobs = {{.company = first, .database = first, .running = true, .batch = 7}};
  const Plan plan = fleet.At("2026-11-24T06:01:00Z");
  EXPECT_EQ(plan.run, (std::vector<uint32_t>{second}));
  EXPECT_EQ(plan.entries[second].batch, 7U);
}

TEST(PlannerTest, WhatWaitsForAPausedServerHoldsUpNoBatch) {
  TestFleet fleet;
  const uint32_t stuck = fleet.Add(2026);
  fleet.CompanyOf(stuck).server = fleet.AddServer({.name = "down", .paused_by_user = true});
  const uint32_t next = fleet.Add(2026);
  fleet->batch = 1;
  fleet->batch_admitted = 20;
  fleet->jobs = {{.company = stuck, .database = stuck, .batch = 1}};
  const Plan plan = fleet.At("2026-11-24T06:00:00Z");
  EXPECT_EQ(plan.run, (std::vector<uint32_t>{next}));
  EXPECT_EQ(plan.entries[next].batch, 2U);
}

TEST(PlannerTest, WhoIsDueLongestGoesFirstAndRetriesGoLast) {
  TestFleet fleet;
  Policy policy;
  policy.scheduled.batch_size = 2;
  const uint32_t retry = fleet.Add(2026, {.outcome = Outcome::kTransient, .ended = "2026-11-24T06:00:00Z"});
  const uint32_t late_one = fleet.Add(2026);
  fleet.CompanyOf(late_one).backup_minute = 70;
  const uint32_t early_one = fleet.Add(2026);
  const Plan plan = fleet.At("2026-11-24T06:10:00Z", policy);
  EXPECT_EQ(plan.run, (std::vector<uint32_t>{early_one, late_one}));
  EXPECT_EQ(plan.entries[retry].reason, PlanReason::kBatchBefore);
}

// One company, one job.

TEST(PlannerTest, ACompanyHasOneJobAtATime) {
  TestFleet fleet;
  const uint32_t first = fleet.Add(2026);
  const uint32_t second = fleet.AddToSameCompany(2027);
  const uint32_t closed = fleet.AddToSameCompany(2024);
  const Plan plan = fleet.At("2026-11-24T06:00:00Z");
  EXPECT_EQ(plan.run, (std::vector<uint32_t>{first}));
  EXPECT_EQ(plan.entries[second].reason, PlanReason::kCompanyBusy);
  EXPECT_EQ(plan.entries[closed].reason, PlanReason::kCompanyBusy);
}

TEST(PlannerTest, AJobOfAnyKindKeepsItsCompanyBusy) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026);
  fleet->jobs = {{.company = 0, .running = true}};
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", it), PlanReason::kCompanyBusy);
}

TEST(PlannerTest, WhatRunsOrWaitsIsSaid) {
  TestFleet fleet;
  const uint32_t runs = fleet.Add(2026);
  const uint32_t waits = fleet.Add(2026);
  fleet->jobs = {{.company = 0, .database = runs, .running = true, .batch = 1},
                 {.company = 1, .database = waits, .batch = 1}};
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", runs), PlanReason::kRunning);
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", waits), PlanReason::kQueued);
}

TEST(PlannerTest, ACompanyDisabledWhileItRunsIsSaidToRun) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026);
  fleet->jobs = {{.company = 0, .database = it, .running = true, .batch = 1}};
  fleet.CompanyOf(it).enabled = false;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", it), PlanReason::kRunning);
  fleet->jobs.clear();
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", it), PlanReason::kDisabled);
}

TEST(PlannerTest, ADisabledCompanyIsLeftAloneAlsoWhereItsHourHasCome) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026);
  const uint32_t closed = fleet.AddToSameCompany(2020);
  fleet.CompanyOf(it).enabled = false;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", it), PlanReason::kDisabled);
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", closed), PlanReason::kDisabled);
  EXPECT_FALSE(fleet.At("2026-11-24T06:00:00Z").next_event);
}

// Fiscal years.

TEST(PlannerTest, AYearThatHasNotBegunIsCurrent) {
  TestFleet fleet;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:00:00Z", fleet.Add(2031)), PlanReason::kScheduled);
}

TEST(PlannerTest, AFiscalYearThatBeginsInJulyIsCurrentUntilJune) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2025, {.newest = "2026-06-29T06:00:00Z"});
  fleet.CompanyOf(it).first_fiscal_month = 7;
  EXPECT_EQ(fleet.ReasonAt("2026-06-30T06:00:00Z", it), PlanReason::kScheduled);
  fleet->databases[it].newest_backup = Time("2026-06-30T06:00:00Z");
  EXPECT_EQ(fleet.ReasonAt("2026-07-01T06:00:00Z", it), PlanReason::kFresh);
}

TEST(PlannerTest, AtTheTurnOfTheYearADatabaseBecomesOneOfAClosedYear) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026, {.newest = "2026-12-31T06:00:00Z"});
  EXPECT_EQ(fleet.ReasonAt("2027-01-01T04:59:59Z", it), PlanReason::kNotDue);
  const Plan plan = fleet.At("2027-01-01T06:00:00Z");
  EXPECT_EQ(plan.entries[it].reason, PlanReason::kFresh);
  EXPECT_EQ(plan.entries[it].priority, JobPriority::kRefresh);
}

TEST(PlannerTest, AYearThatClosedWhileNobodyWasThereIsBackedUpOnceMore) {
  TestFleet fleet;
  Policy policy;
  policy.refresh.level = false;
  const uint32_t missed = fleet.Add(2026, {.newest = "2026-12-30T06:00:00Z"});
  const uint32_t whole = fleet.Add(2026, {.newest = "2026-12-31T06:00:00Z"});
  const uint32_t new_here = fleet.Add(2026, {.newest = "2026-12-30T06:00:00Z"});
  fleet->databases[new_here].known_since = Time("2027-01-02T00:00:00Z");
  const Plan plan = fleet.At("2027-01-03T06:00:00Z", policy);
  EXPECT_EQ(plan.entries[missed].reason, PlanReason::kRefresh);
  EXPECT_EQ(plan.entries[whole].reason, PlanReason::kFresh);
  EXPECT_EQ(plan.entries[new_here].reason, PlanReason::kFresh);
}

// Failures.

TEST(PlannerTest, ATransientFailureIsTriedAgainAfterEachPauseAndThenTheNextDay) {
  TestFleet fleet;
  Policy policy;
  policy.retry.jitter_percent = 0;
  const uint32_t it = fleet.Add(2026, {.outcome = Outcome::kTransient, .ended = "2026-11-24T06:10:00Z"});
  const int pauses[] = {5, 15, 45};
  for (uint8_t attempt = 1; attempt <= 3; ++attempt) {
    fleet->databases[it].attempt = attempt;
    const TimePoint again = Time("2026-11-24T06:10:00Z") + std::chrono::minutes(pauses[attempt - 1]);
    const Plan before = fleet.At(again - 1ns, policy);
    EXPECT_EQ(before.entries[it].reason, PlanReason::kRetryLater);
    EXPECT_EQ(before.next_event, again);
    const Plan then = fleet.At(again, policy);
    EXPECT_EQ(then.entries[it].reason, PlanReason::kRetry);
    EXPECT_EQ(then.entries[it].attempt, attempt + 1);
  }
  fleet->databases[it].attempt = 4;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T20:00:00Z", it), PlanReason::kGaveUp);
  const Plan tomorrow = fleet.At("2026-11-25T06:00:00Z");
  EXPECT_EQ(tomorrow.entries[it].reason, PlanReason::kScheduled);
  EXPECT_EQ(tomorrow.entries[it].attempt, 1);
}

TEST(PlannerTest, PausesAreJitteredByUpToAFifthAndAlikeEachTime) {
  TestFleet fleet;
  std::vector<TimePoint> again;
  for (int i = 0; i < 20; ++i) fleet.Add(2026, {.outcome = Outcome::kTransient, .ended = "2026-11-24T06:10:00Z"});
  for (const PlanEntry& entry : fleet.At("2026-11-24T06:10:00Z").entries) {
    ASSERT_EQ(entry.reason, PlanReason::kRetryLater);
    EXPECT_GE(entry.when, Time("2026-11-24T06:15:00Z"));
    EXPECT_LE(entry.when, Time("2026-11-24T06:16:00Z"));
    again.push_back(entry.when);
  }
  EXPECT_EQ(fleet.At("2026-11-24T06:12:00Z").entries[3].when, again[3]);
  EXPECT_GT(std::set(again.begin(), again.end()).size(), 10U);
}

TEST(PlannerTest, APermanentFailureIsTriedAgainTheNextDayOrOnceSomethingChanged) {
  TestFleet fleet;
  for (const auto& [outcome, reason] : {std::pair(Outcome::kPermanent, PlanReason::kFailedPermanently),
                                        std::pair(Outcome::kOverSpace, PlanReason::kOverSpace)}) {
    const uint32_t it = fleet.Add(2026, {.outcome = outcome, .ended = "2026-11-24T06:00:10Z"});
    EXPECT_EQ(fleet.ReasonAt("2026-11-25T05:59:00Z", it), reason);
    EXPECT_EQ(fleet.ReasonAt("2026-11-25T06:00:00Z", it), PlanReason::kScheduled);
    fleet->databases[it].changed_at = Time("2026-11-24T15:00:00Z");
    EXPECT_EQ(fleet.ReasonAt("2026-11-24T15:00:00Z", it), PlanReason::kScheduled);
    fleet->databases[it].newest_backup = Time("2026-11-24T15:00:00Z");
  }
}

// A clock was put back: until it is there again, every attempt seems to be older than that.
TEST(PlannerTest, WhatIsSaidToHappenLaterStartsNothingAnewAtEveryLook) {
  TestFleet fleet;
  const uint32_t failed = fleet.Add(2026, {.outcome = Outcome::kOverSpace, .ended = "2026-11-24T06:00:10Z"});
  const uint32_t gave_up =
      fleet.Add(2026, {.outcome = Outcome::kTransient, .ended = "2026-11-24T06:00:10Z", .attempt = 4});
  fleet->databases[failed].changed_at = Time("2026-11-24T06:50:00Z");
  fleet->servers[0].recovered_at = Time("2026-11-24T06:50:00Z");
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:10:00Z", failed), PlanReason::kOverSpace);
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:10:00Z", gave_up), PlanReason::kGaveUp);
}

TEST(PlannerTest, AnInterruptedBackupIsDoneAgainAtOnceButNotForEver) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026, {.outcome = Outcome::kInterrupted, .ended = "2026-11-24T06:10:00Z"});
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:10:00Z", it), PlanReason::kRetry);
  fleet->databases[it].attempt = 2;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:10:00Z", it), PlanReason::kRetryLater);
  fleet->databases[it].attempt = 5;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T08:10:00Z", it), PlanReason::kGaveUp);
}

TEST(PlannerTest, AClosedYearThatFailedForGoodIsTriedAgainADayLater) {
  TestFleet fleet;
  for (const Outcome outcome : {Outcome::kPermanent, Outcome::kOverSpace, Outcome::kTransient}) {
    const uint32_t it = fleet.Add(2020, {.outcome = outcome, .ended = "2026-11-24T10:00:00Z", .attempt = 4});
    EXPECT_FALSE(fleet.At("2026-11-25T09:59:59Z").entries[it].runs());
    const Plan plan = fleet.At("2026-11-25T10:00:00Z");
    EXPECT_EQ(plan.entries[it].reason, PlanReason::kRefresh);
    EXPECT_EQ(plan.entries[it].attempt, 1);
    fleet->databases[it].newest_backup = Time("2026-11-25T10:00:00Z");
  }
}

// Servers.

TEST(PlannerTest, APausedServerIsLeftAlone) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026);
  fleet->servers[0].paused_until = Time("2026-11-24T06:10:00Z");
  const Plan plan = fleet.At("2026-11-24T06:00:00Z");
  EXPECT_EQ(plan.entries[it].reason, PlanReason::kServerPaused);
  EXPECT_EQ(plan.next_event, Time("2026-11-24T06:10:00Z"));
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:10:00Z", it), PlanReason::kScheduled);
  fleet->servers[0].paused_by_user = true;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:10:00Z", it), PlanReason::kServerPausedByUser);
  fleet->paused = true;
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T06:10:00Z", it), PlanReason::kAllPaused);
}

TEST(PlannerTest, WhatWaitsInTheQueueOfAPausedServerIsLookedAtWhenThePauseEnds) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026);
  fleet->jobs = {{.company = 0, .database = it, .batch = 1}};
  fleet->servers[0].paused_until = Time("2026-11-24T06:10:00Z");
  EXPECT_EQ(fleet.At("2026-11-24T06:00:00Z").next_event, Time("2026-11-24T06:10:00Z"));
}

TEST(PlannerTest, AFailingServerIsTriedWithOneBackupAtATime) {
  TestFleet fleet;
  for (int i = 0; i < 5; ++i) fleet.Add(2026);
  for (int i = 0; i < 5; ++i) fleet.Add(2020);
  fleet->servers[0].failing = true;
  const Plan plan = fleet.At("2026-11-24T06:00:00Z");
  EXPECT_EQ(plan.run.size(), 1U);
  EXPECT_EQ(plan.Count(PlanReason::kServerProbed), 9U);
}

TEST(PlannerTest, WhatFailedWithItsServerIsTriedOnceMoreWhenThatIsBack) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026, {.outcome = Outcome::kTransient, .ended = "2026-11-24T07:00:00Z", .attempt = 4});
  const uint32_t permanent = fleet.Add(2026, {.outcome = Outcome::kPermanent, .ended = "2026-11-24T07:00:00Z"});
  fleet->servers[0].recovered_at = Time("2026-11-24T08:00:00Z");
  const Plan plan = fleet.At("2026-11-24T08:00:00Z");
  EXPECT_EQ(plan.entries[it].reason, PlanReason::kRetry);
  EXPECT_EQ(plan.entries[it].attempt, 5);
  EXPECT_EQ(plan.entries[permanent].reason, PlanReason::kFailedPermanently);
  fleet->databases[it].attempt_ended = Time("2026-11-24T08:00:00Z");
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T08:00:00Z", it), PlanReason::kGaveUp);
}

// Clocks that are set.

TEST(PlannerTest, AClockPutBackAnHourRunsNothingTwice) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026, {.newest = "2026-11-24T06:00:01Z"});
  for (const char* time : {"2026-11-24T05:30:00Z", "2026-11-24T06:00:00Z", "2026-11-24T06:30:00Z"}) {
    EXPECT_EQ(fleet.ReasonAt(time, it), PlanReason::kNotDue) << time;
  }
}

TEST(PlannerTest, AClockPutForwardADayAndBackLosesNoDay) {
  TestFleet fleet;
  // Its backup of the 25th, made on the 24th, is not in `newest`: it is too far ahead.
  const uint32_t it = fleet.Add(2026, {.newest = "2026-11-24T06:00:00Z"});
  fleet->databases[it].scheduled_day = DayNumber("2026-11-25");
  fleet->databases[it].outcome = Outcome::kDone;
  fleet->databases[it].attempt_started = Time("2026-11-25T15:00:00Z");
  fleet->databases[it].attempt_ended = Time("2026-11-25T15:01:00Z");
  EXPECT_EQ(fleet.ReasonAt("2026-11-24T15:10:00Z", it), PlanReason::kNotDue);
  EXPECT_EQ(fleet.ReasonAt("2026-11-25T06:00:00Z", it), PlanReason::kScheduled);
}

TEST(PlannerTest, WhoSleptOrWentBackInTimeWasNotWatching) {
  const Policy policy;
  const TimePoint since = Time("2026-11-20T00:00:00Z");
  const TimePoint last = Time("2026-11-24T05:00:00Z");
  const TimePoint next = Time("2026-11-24T06:00:00Z");
  EXPECT_EQ(WatchingSince(since, last, next, next + 5min, policy), since);
  EXPECT_EQ(WatchingSince(since, last, next, next + 6min, policy), next + 6min);
  EXPECT_EQ(WatchingSince(since, last, next, last - 1h, policy), last - 1h);
  EXPECT_EQ(WatchingSince(since, last, std::nullopt, last + 100h, policy), since);
}

// The plan as a whole.

TEST(PlannerTest, ThePlanNamesTheNextMomentAtWhichItWouldDiffer) {
  TestFleet fleet;
  fleet.Add(2026, {.newest = "2026-11-24T06:00:00Z"});
  EXPECT_EQ(fleet.At("2026-11-24T07:00:00Z").next_event, Time("2026-11-25T06:00:00Z"));
  fleet.Add(2020, {.newest = "2026-11-24T06:00:00Z"});
  EXPECT_EQ(fleet.At("2026-11-24T07:10:00Z").next_event, Time("2026-11-24T08:00:00Z"));
  EXPECT_FALSE(TestFleet().At("2026-11-24T07:10:00Z").next_event);
}

TEST(PlannerTest, EveryEntryIsExplained) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2026);
  Plan plan = fleet.At("2026-11-24T06:00:00Z");
  EXPECT_EQ(Explain(plan, *fleet, it), "runs now, in batch 1 (due since 2026-11-24 01:00)");
  for (size_t reason = 0; reason < kPlanReasons; ++reason) {
    plan.entries[it].reason = static_cast<PlanReason>(reason);
    plan.entries[it].when = Time("2026-11-24T07:00:00Z");
    EXPECT_GT(Explain(plan, *fleet, it).size(), 15U) << PlanReasonName(plan.entries[it].reason);
  }
}

TEST(PlannerTest, AFleetThatContradictsItselfIsRefused) {
  const auto refuse = [](const auto& spoil) {
    TestFleet fleet;
    fleet.Add(2026);
    spoil(*fleet);
    EXPECT_THROW(fleet.At("2026-11-24T06:00:00Z"), Error);
  };
  refuse([](Fleet& fleet) { fleet.zones.clear(); });
  refuse([](Fleet& fleet) { fleet.companies[0].server = 7; });
  refuse([](Fleet& fleet) { fleet.companies[0].zone = 7; });
  refuse([](Fleet& fleet) { fleet.companies[0].backup_minute = 25 * 60; });
  refuse([](Fleet& fleet) { fleet.companies[0].first_fiscal_month = 13; });
  refuse([](Fleet& fleet) { fleet.databases[0].company = 7; });
  refuse([](Fleet& fleet) { fleet.jobs = {{.company = 0, .database = 7}}; });
}

}  // namespace
}  // namespace cofre::planner
