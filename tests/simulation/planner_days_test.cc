// Bad days of a fleet of 80 current and 20 closed years: the service is down, somebody sets the clock.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "planner/simulation_figures.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;

// Scheduled backups that succeeded, by the day that they are for.
class DayKeeper : public SimulationWatcher {
 public:
  void Planned(const Plan& plan, const Fleet& /*fleet*/) override {
    for (const uint32_t i : plan.run) late_[FormatDay(plan.entries[i].day)] += plan.entries[i].late ? 1 : 0;
  }
  void Ended(uint32_t database, const PlanEntry& entry, Outcome outcome, TimePoint /*now*/,
             const std::vector<TimePoint>& /*backups*/) override {
    if (entry.priority != JobPriority::kScheduled || outcome != Outcome::kDone) return;
    const std::string day = FormatDay(entry.day);
    EXPECT_TRUE(done_[day].insert(database).second) << database << " twice for " << day;
  }

  size_t Done(const std::string& day) { return done_[day].size(); }
  size_t Late(const std::string& day) { return late_[day]; }

 private:
  std::map<std::string, std::set<uint32_t>> done_;
  std::map<std::string, size_t> late_;
};

class PlannerDaysTest : public ::testing::Test {
 protected:
  PlannerDaysTest()
      : zone_(TimeZone::Find("America/Bogota")),
        from_(zone_.BeginOf(ParseDay("2026-03-02"))),
        simulation_(MakeSimulatedFleet({.companies = 100, .current = 80}, zone_, from_), {}, from_, keeper_) {}

  TimeZone zone_;
  TimePoint from_;
  DayKeeper keeper_;
  FleetSimulation simulation_;
};

TEST_F(PlannerDaysTest, DownFrom0050To0900EveryBackupIsCaughtUpAtOnceOnceAndCalledLate) {
  simulation_.RunFor(24h + 50min);
  EXPECT_EQ(keeper_.Done("2026-03-02"), 80U);
  EXPECT_EQ(keeper_.Late("2026-03-02"), 0U);
  simulation_.Crash(8h + 10min);
  simulation_.RunFor(30min);
  EXPECT_EQ(keeper_.Done("2026-03-03"), 80U);
  EXPECT_EQ(keeper_.Late("2026-03-03"), 80U);
  simulation_.RunFor(24h);
  EXPECT_EQ(keeper_.Done("2026-03-04"), 80U);
  EXPECT_EQ(keeper_.Late("2026-03-04"), 0U);
}

TEST_F(PlannerDaysTest, DownInTheMiddleOfABatchWhatRanIsDoneAgain) {
  simulation_.RunFor(61min);
  simulation_.Crash(5min);
  EXPECT_LT(keeper_.Done("2026-03-02"), 80U);
  simulation_.RunFor(30min);
  EXPECT_EQ(keeper_.Done("2026-03-02"), 80U);
}

TEST_F(PlannerDaysTest, AClockPutBackAnHourRepeatsNothing) {
  simulation_.RunFor(25h + 30min);
  EXPECT_EQ(keeper_.Done("2026-03-03"), 80U);
  simulation_.SetClock(-1h);
  simulation_.RunFor(25h);
  EXPECT_EQ(keeper_.Done("2026-03-03"), 80U);
  EXPECT_EQ(keeper_.Done("2026-03-04"), 80U);
}

TEST_F(PlannerDaysTest, AClockPutForwardADayCatchesUpAndGoesOn) {
  simulation_.RunFor(34h);
  simulation_.SetClock(24h);
  simulation_.RunFor(1h);
  EXPECT_EQ(keeper_.Done("2026-03-04"), 80U);
  EXPECT_EQ(keeper_.Late("2026-03-04"), 80U);
  simulation_.RunFor(24h);
  EXPECT_EQ(keeper_.Done("2026-03-05"), 80U);
  EXPECT_EQ(keeper_.Late("2026-03-05"), 0U);
}

TEST_F(PlannerDaysTest, WhileEverythingIsPausedNothingStartsAndThenAllIsCaughtUp) {
  simulation_.fleet().paused = true;
  simulation_.RunFor(3h);
  EXPECT_EQ(keeper_.Done("2026-03-02"), 0U);
  simulation_.fleet().paused = false;
  simulation_.RunFor(1h);
  EXPECT_EQ(keeper_.Done("2026-03-02"), 80U);
}

}  // namespace
}  // namespace cofre::planner
