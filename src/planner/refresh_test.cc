#include "planner/refresh.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "planner/planner_test_fleet.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = Time("2026-11-24T15:00:00Z");  // 10:00 in Bogota

std::vector<TimePoint> Starts(size_t count, TimePoint at) { return std::vector<TimePoint>(count, at); }

TEST(RefreshTest, TenOfThoseInNeedStartAnHourAndTheReasonOfTheRestIsSaid) {
  TestFleet fleet;
  for (int i = 0; i < 100; ++i) fleet.Add(2020);
  const Plan plan = fleet.At(kNow);
  EXPECT_EQ(plan.run.size(), 10U);
  EXPECT_EQ(plan.Count(PlanReason::kRefresh), 10U);
  EXPECT_EQ(plan.Count(PlanReason::kHourlyCap), 40U);
  EXPECT_EQ(plan.Count(PlanReason::kCandidateLimit), 50U);
  EXPECT_EQ(plan.entries[99].when, kNow + 1h);
  EXPECT_EQ(plan.next_event, kNow + 1h);
}

TEST(RefreshTest, NoneAtAllComesFirstThenTheOldest) {
  TestFleet fleet;
  const uint32_t old = fleet.Add(2020, {.newest = "2026-10-20T15:00:00Z"});
  const uint32_t oldest = fleet.Add(2020, {.newest = "2026-10-01T15:00:00Z"});
  const uint32_t none = fleet.Add(2020);
  EXPECT_EQ(fleet.At(kNow).run, (std::vector<uint32_t>{none, oldest, old}));
}

TEST(RefreshTest, OlderThanThirtyDaysAtTheFullHourIsWhatCounts) {
  TestFleet fleet;
  Policy policy;
  policy.refresh.level = false;
  const uint32_t it = fleet.Add(2020, {.newest = "2026-10-25T15:00:00Z"});  // 30 days before kNow
  EXPECT_EQ(fleet.At(kNow, policy).entries[it].reason, PlanReason::kFresh);
  EXPECT_EQ(fleet.At(kNow + 59min, policy).entries[it].reason, PlanReason::kFresh);
  EXPECT_EQ(fleet.At(kNow + 1h, policy).entries[it].reason, PlanReason::kRefresh);
}

TEST(RefreshTest, StartsOfThisHourCountAndThoseOfTheOneBeforeDoNot) {
  TestFleet fleet;
  for (int i = 0; i < 100; ++i) fleet.Add(2020);
  fleet->refresh_starts = Starts(7, kNow);
  EXPECT_EQ(fleet.At(kNow + 20min).run.size(), 3U);
  fleet->refresh_starts = Starts(10, kNow - 2min);
  EXPECT_EQ(fleet.At(kNow).run.size(), 10U);
}

TEST(RefreshTest, AMinuteHasACapOfItsOwn) {
  TestFleet fleet;
  for (int i = 0; i < 100; ++i) fleet.Add(2020);
  Policy policy;
  policy.refresh.starts_per_hour = 30;
  fleet->refresh_starts = Starts(6, kNow);
  const Plan plan = fleet.At(kNow + 10s, policy);
  EXPECT_EQ(plan.run.size(), 4U);
  EXPECT_EQ(plan.Count(PlanReason::kMinuteCap), 46U);
  EXPECT_EQ(plan.next_event, kNow + 1min);
}

TEST(RefreshTest, AClockPutBackAnHourGivesNoSecondHour) {
  TestFleet fleet;
  for (int i = 0; i < 100; ++i) fleet.Add(2020);
  fleet->refresh_starts = Starts(10, kNow);
  EXPECT_TRUE(fleet.At(kNow + 59min).run.empty());
  EXPECT_TRUE(fleet.At(kNow).run.empty());
}

TEST(RefreshTest, NightAndDayHaveCapsOfTheirOwn) {
  TestFleet fleet;
  for (int i = 0; i < 200; ++i) fleet.Add(2020);
  Policy policy;
  policy.refresh.starts_per_minute = 100;
  policy.refresh.windows = ParseTimeWindows("22:00-06:00=30, 06:00-20:30=5");
  EXPECT_EQ(fleet.At(Time("2026-11-24T04:00:00Z"), policy).run.size(), 30U);  // 23:00
  EXPECT_EQ(fleet.At(Time("2026-11-24T10:59:00Z"), policy).run.size(), 30U);  // 05:59
  EXPECT_EQ(fleet.At(Time("2026-11-24T11:00:00Z"), policy).run.size(), 5U);   // 06:00
  EXPECT_EQ(fleet.At(Time("2026-11-25T02:00:00Z"), policy).run.size(), 10U);  // 21:00
  fleet->refresh_starts = Starts(5, Time("2026-11-25T01:00:00Z"));            // 20:00
  const Plan plan = fleet.At(Time("2026-11-25T01:10:00Z"), policy);
  EXPECT_TRUE(plan.run.empty());
  EXPECT_EQ(plan.next_event, Time("2026-11-25T01:30:00Z"));
  EXPECT_EQ(fleet.At(Time("2026-11-25T01:30:00Z"), policy).run.size(), 5U);
}

TEST(RefreshTest, HoursAreThoseOfTheServicesZone) {
  TestFleet fleet;
  fleet->zones[0] = TimeZone::Find("Asia/Kathmandu");  // UTC+5:45
  fleet.Add(2020);
  EXPECT_EQ(fleet.At(Time("2026-11-24T15:20:00Z")).run.size(), 1U);
  EXPECT_EQ(RefreshRoomAt(*fleet, {}, Time("2026-11-24T15:20:00Z")).hour_until, Time("2026-11-24T16:15:00Z"));
}

TEST(RefreshTest, WhatFailsAgainAndAgainGoesToTheEndOfTheLine) {
  TestFleet fleet;
  // Fifty without any backup, whose last try failed for good the day before, and one that is merely old.
  for (int i = 0; i < 50; ++i) fleet.Add(2020, {.outcome = Outcome::kPermanent, .ended = "2026-11-23T10:00:00Z"});
  const uint32_t old = fleet.Add(2020, {.newest = "2026-10-20T15:00:00Z"});
  const Plan plan = fleet.At(kNow);
  EXPECT_EQ(plan.run.front(), old);
  EXPECT_EQ(plan.run.size(), 10U);
}

TEST(RefreshTest, RetriesAndFirstTriesTakeTurns) {
  TestFleet fleet;
  for (int i = 0; i < 30; ++i) fleet.Add(2020, {.outcome = Outcome::kTransient, .ended = "2026-11-24T14:00:00Z"});
  for (int i = 0; i < 30; ++i) fleet.Add(2020);
  Plan plan = fleet.At(kNow);
  EXPECT_EQ(plan.Count(PlanReason::kRetry), 5U);
  EXPECT_EQ(plan.Count(PlanReason::kRefresh), 5U);
  // With one start an hour they take turns by the hour.
  Policy policy;
  policy.refresh.starts_per_hour = 1;
  EXPECT_EQ(fleet.At(kNow, policy).Count(PlanReason::kRetry) + fleet.At(kNow + 1h, policy).Count(PlanReason::kRetry),
            1U);
}

TEST(RefreshTest, AServerThatHasEnoughToDoIsSparedAndBlocksNobody) {
  TestFleet fleet;
  for (int i = 0; i < 60; ++i) fleet.Add(2020);
  for (uint32_t i = 0; i < 4; ++i) fleet->jobs.push_back({.company = i, .database = i});
  const uint32_t elsewhere = fleet.Add(2020);
  fleet.CompanyOf(elsewhere).server = fleet.AddServer({.name = "contab-2"});
  const Plan plan = fleet.At(kNow);
  EXPECT_EQ(plan.run, (std::vector<uint32_t>{elsewhere}));
  EXPECT_EQ(plan.Count(PlanReason::kServerBusy), 56U);
}

TEST(RefreshTest, DatabasesOfOneCompanyWaitForEachOtherAndBlockNobody) {
  TestFleet fleet;
  fleet.Add(2000);
  for (int i = 1; i < 60; ++i) fleet.AddToSameCompany(2000 + i % 20);
  const uint32_t other = fleet.Add(2020);
  EXPECT_EQ(fleet.At(kNow).run, (std::vector<uint32_t>{0, other}));
}

TEST(RefreshTest, ABackupThatVanishedIsNotMadeAgainAndAgain) {
  TestFleet fleet;
  const uint32_t it = fleet.Add(2020, {.outcome = Outcome::kDone, .ended = "2026-11-24T14:00:00Z"});
  EXPECT_EQ(fleet.At(kNow).entries[it].reason, PlanReason::kFresh);
  EXPECT_EQ(fleet.At(kNow + 23h).entries[it].reason, PlanReason::kRefresh);
}

// Spreading the load.

TEST(RefreshTest, WhileNoneIsTooOldTheOldestGoEarlyAtThePaceAtWhichAllBecomeTooOld) {
  TestFleet fleet;
  for (int i = 0; i < 920; ++i) {
    fleet.Add(2020);
    fleet->databases.back().newest_backup = kNow - 10 * 24h + i * 1min;
  }
  const Plan plan = fleet.At(kNow);
  EXPECT_EQ(plan.run, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(plan.entries[0].reason, PlanReason::kRefreshEarly);
  fleet->refresh_starts = Starts(2, kNow);
  EXPECT_TRUE(fleet.At(kNow + 30min).run.empty());
}

TEST(RefreshTest, NoMoreGoEarlyInADayThanADaysShare) {
  TestFleet fleet;
  for (int i = 0; i < 920; ++i) {
    fleet.Add(2020);
    fleet->databases.back().newest_backup = i < 30 ? kNow - 23h : kNow - 100h;
  }
  EXPECT_TRUE(fleet.At(kNow).run.empty());
  fleet->databases[0].newest_backup = kNow - 100h;
  EXPECT_EQ(fleet.At(kNow).run.size(), 1U);
}

TEST(RefreshTest, AFewClosedYearsAreSpreadOverTheMonth) {
  TestFleet fleet;
  fleet.Add(2020, {.newest = "2026-11-24T14:00:00Z"});
  fleet.Add(2020, {.newest = "2026-11-24T14:00:00Z"});
  EXPECT_TRUE(fleet.At(kNow + 14 * 24h).run.empty());
  EXPECT_EQ(fleet.At(kNow + 15 * 24h).run.size(), 1U);
  EXPECT_TRUE(TestFleet().At(kNow).run.empty());
}

TEST(RefreshTest, NothingGoesEarlyWhereThePolicyOrAFailureSaysSo) {
  TestFleet fleet;
  for (int i = 0; i < 40; ++i) fleet.Add(2020, {.newest = "2026-11-10T14:00:00Z"});
  Policy policy;
  policy.refresh.level = false;
  EXPECT_TRUE(fleet.At(kNow, policy).run.empty());
  EXPECT_FALSE(fleet.At(kNow).run.empty());
  for (DatabaseFacts& database : fleet->databases) {
    database.outcome = Outcome::kPermanent;
    database.attempt_started = database.attempt_ended = kNow - 72h;
  }
  EXPECT_TRUE(fleet.At(kNow).run.empty());
}

}  // namespace
}  // namespace cofre::planner
