#include "planner/retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/error.h"
#include "base/random.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = ParseTime("2026-11-24T12:00:00Z").value();

const TimeZone& Bogota() {
  static const TimeZone zone = TimeZone::Find("America/Bogota");
  return zone;
}

RetentionBackup At(const char* time) { return {.id = time, .time = ParseTime(time).value()}; }

std::map<std::string, RetentionDecision> Decide(const std::vector<RetentionBackup>& backups, bool current,
                                                const RetentionPolicy& policy = {}) {
  std::map<std::string, RetentionDecision> decisions;
  for (const RetentionDecision& decision : DecideRetention(backups, current, kNow, Bogota(), policy)) {
    decisions[decision.id] = decision;
  }
  return decisions;
}

std::set<std::string> Kept(const std::vector<RetentionBackup>& backups, bool current,
                           const RetentionPolicy& policy = {}) {
  std::set<std::string> kept;
  for (const auto& [id, decision] : Decide(backups, current, policy)) {
    if (decision.keep) kept.insert(id);
  }
  return kept;
}

TEST(RetentionTest, TheCurrentYearKeepsTheNewestOfThreeDays) {
  const std::vector<RetentionBackup> backups = {At("2026-11-20T06:00:00Z"), At("2026-11-21T06:00:00Z"),
                                                At("2026-11-22T06:00:00Z"), At("2026-11-23T06:00:00Z"),
                                                At("2026-11-23T20:00:00Z")};
  EXPECT_EQ(Kept(backups, true),
            (std::set<std::string>{"2026-11-21T06:00:00Z", "2026-11-22T06:00:00Z", "2026-11-23T20:00:00Z"}));
  EXPECT_EQ(Decide(backups, true)["2026-11-20T06:00:00Z"].reason, RetentionReason::kOlderDay);
  EXPECT_EQ(Decide(backups, true)["2026-11-23T06:00:00Z"].reason, RetentionReason::kSameDay);
}

TEST(RetentionTest, DaysAreLocal) {
  // 23:30 of the 22nd and 00:30 of the 23rd in Bogota; one day in UTC.
  const std::vector<RetentionBackup> backups = {At("2026-11-23T04:30:00Z"), At("2026-11-23T05:30:00Z")};
  EXPECT_EQ(Kept(backups, true).size(), 2U);
}

TEST(RetentionTest, DaysWithoutABackupDoNotCount) {
  const std::vector<RetentionBackup> backups = {At("2026-01-01T12:00:00Z"), At("2026-06-01T12:00:00Z"),
                                                At("2026-11-23T12:00:00Z")};
  EXPECT_EQ(Kept(backups, true).size(), 3U);
}

TEST(RetentionTest, AClosedYearKeepsOne) {
  const std::vector<RetentionBackup> backups = {At("2026-11-23T06:00:00Z"), At("2026-10-23T06:00:00Z"),
                                                At("2026-11-24T06:00:00Z")};
  EXPECT_EQ(Kept(backups, false), (std::set<std::string>{"2026-11-24T06:00:00Z"}));
  EXPECT_EQ(Decide(backups, false)["2026-11-23T06:00:00Z"].reason, RetentionReason::kClosedYear);
}

TEST(RetentionTest, APinnedBackupStaysUntilItsDateAndTakesNoPlace) {
  std::vector<RetentionBackup> backups = {At("2026-01-01T06:00:00Z"), At("2026-11-24T06:00:00Z")};
  backups[0].pinned_until = kNow + 1ns;
  EXPECT_EQ(Decide(backups, false)["2026-01-01T06:00:00Z"].reason, RetentionReason::kPinned);
  EXPECT_EQ(Kept(backups, false).size(), 2U);
  backups[0].pinned_until = kNow;
  EXPECT_EQ(Kept(backups, false), (std::set<std::string>{"2026-11-24T06:00:00Z"}));
}

TEST(RetentionTest, ABackupFromTheFuturePushesNoneOut) {
  const std::vector<RetentionBackup> backups = {At("2026-11-24T06:00:00Z"), At("2027-11-24T06:00:00Z")};
  EXPECT_EQ(Kept(backups, false).size(), 2U);
  EXPECT_EQ(Decide(backups, false)["2027-11-24T06:00:00Z"].reason, RetentionReason::kFromTheFuture);
  EXPECT_EQ(Kept({At("2027-11-24T06:00:00Z")}, false).size(), 1U);
}

TEST(RetentionTest, ThePolicysNumbersCount) {
  const std::vector<RetentionBackup> backups = {At("2026-11-21T06:00:00Z"), At("2026-11-22T06:00:00Z"),
                                                At("2026-11-23T06:00:00Z")};
  EXPECT_EQ(Kept(backups, true, {.current_year_days = 2}).size(), 2U);
  EXPECT_EQ(Kept(backups, false, {.closed_year_backups = 2}).size(), 2U);
}

TEST(RetentionTest, APolicyOfZeroIsRefused) {
  EXPECT_THROW(Kept({}, true, {.current_year_days = 0}), Error);
  EXPECT_THROW(Kept({}, false, {.closed_year_backups = 0}), Error);
}

TEST(RetentionTest, NoBackupsNoDecisions) { EXPECT_TRUE(DecideRetention({}, true, kNow, Bogota(), {}).empty()); }

TEST(RetentionTest, EveryReasonHasAText) {
  for (int reason = 0; reason <= static_cast<int>(RetentionReason::kClosedYear); ++reason) {
    EXPECT_FALSE(RetentionReasonText(static_cast<RetentionReason>(reason)).empty());
  }
}

// What must hold for any backups, zone and policy.
class RetentionPropertyTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  std::vector<RetentionBackup> Backups() {
    std::vector<RetentionBackup> backups(random_.Below(12));
    for (size_t i = 0; i < backups.size(); ++i) {
      backups[i].id = std::to_string(i);
      // Mostly within two weeks before now, some equal, a few after now.
      backups[i].time = kNow - 4h * static_cast<int64_t>(random_.Below(84)) + 8h;
      if (random_.Below(5) == 0) backups[i].pinned_until = kNow + 24h * (static_cast<int64_t>(random_.Below(5)) - 2);
    }
    return backups;
  }
  RetentionPolicy Policy() {
    return {.current_year_days = 1 + static_cast<unsigned>(random_.Below(4)),
            .closed_year_backups = 1 + static_cast<unsigned>(random_.Below(3))};
  }
  TimeZone Zone() {
    constexpr std::array<const char*, 4> kZones = {"America/Bogota", "America/Santiago", "Asia/Kathmandu", "Etc/UTC"};
    return TimeZone::Find(kZones.at(random_.Below(kZones.size())));
  }

  SeededRandom random_{GetParam()};
};

// Whether a backup that stays is as new as the one at `position`, or newer, and not of the future.
bool HasSuccessor(const std::vector<RetentionBackup>& backups, const std::vector<RetentionDecision>& decisions,
                  size_t position) {
  for (size_t i = 0; i < backups.size(); ++i) {
    const bool counts = i != position && decisions[i].keep && backups[i].time <= kNow;
    if (counts && backups[i].time >= backups[position].time) return true;
  }
  return false;
}

TEST_P(RetentionPropertyTest, WhatGoesHasASuccessorThatStays) {
  for (int round = 0; round < 200; ++round) {
    const std::vector<RetentionBackup> backups = Backups();
    const auto decisions = DecideRetention(backups, random_.Below(2) == 0, kNow, Zone(), Policy());
    ASSERT_EQ(decisions.size(), backups.size());
    for (size_t i = 0; i < backups.size(); ++i) {
      ASSERT_EQ(decisions[i].id, backups[i].id);
      EXPECT_TRUE(decisions[i].keep || HasSuccessor(backups, decisions, i));
    }
  }
}

TEST_P(RetentionPropertyTest, PinsAndTheFutureStay) {
  for (int round = 0; round < 200; ++round) {
    const std::vector<RetentionBackup> backups = Backups();
    const auto decisions = DecideRetention(backups, random_.Below(2) == 0, kNow, Zone(), Policy());
    for (size_t i = 0; i < backups.size(); ++i) {
      const bool pinned = backups[i].pinned_until && *backups[i].pinned_until > kNow;
      EXPECT_TRUE(decisions[i].keep || (!pinned && backups[i].time <= kNow));
    }
  }
}

TEST_P(RetentionPropertyTest, NoMoreStayThanThePolicySaysAndOneADay) {
  for (int round = 0; round < 200; ++round) {
    const std::vector<RetentionBackup> backups = Backups();
    const RetentionPolicy policy = Policy();
    const TimeZone zone = Zone();
    std::set<std::chrono::local_days> days;
    unsigned recent = 0;
    unsigned closed = 0;
    for (const bool current : {true, false}) {
      const auto decisions = DecideRetention(backups, current, kNow, zone, policy);
      for (size_t i = 0; i < backups.size(); ++i) {
        if (decisions[i].reason == RetentionReason::kNewestOfYear) ++closed;
        if (decisions[i].reason != RetentionReason::kRecentDay) continue;
        ++recent;
        days.insert(zone.DayOf(backups[i].time));
      }
    }
    EXPECT_LE(recent, policy.current_year_days);
    EXPECT_EQ(recent, days.size());
    EXPECT_LE(closed, policy.closed_year_backups);
  }
}

TEST_P(RetentionPropertyTest, TheOrderGivenDoesNotMatter) {
  std::vector<RetentionBackup> backups = Backups();
  const TimeZone zone = Zone();
  const auto by_id = [&] {
    std::map<std::string, bool> keep;
    for (const auto& decision : DecideRetention(backups, true, kNow, zone, {})) keep[decision.id] = decision.keep;
    return keep;
  };
  const auto before = by_id();
  std::ranges::reverse(backups);
  EXPECT_EQ(by_id(), before);
}

TEST_P(RetentionPropertyTest, OnceAppliedItRemovesNothingMore) {
  std::vector<RetentionBackup> backups = Backups();
  const TimeZone zone = Zone();
  const bool current = random_.Below(2) == 0;
  const auto decisions = DecideRetention(backups, current, kNow, zone, {});
  std::vector<RetentionBackup> kept;
  for (size_t i = 0; i < backups.size(); ++i) {
    if (decisions[i].keep) kept.push_back(backups[i]);
  }
  for (const auto& decision : DecideRetention(kept, current, kNow, zone, {})) EXPECT_TRUE(decision.keep);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RetentionPropertyTest, ::testing::Range(uint64_t{1}, uint64_t{21}));

}  // namespace
}  // namespace cofre::planner
