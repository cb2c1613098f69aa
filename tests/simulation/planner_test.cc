// What the planner promises, on random fleets over months of virtual time. COFRE_SEED=N runs that seed alone,
// COFRE_SEEDS=N the first N seeds.

#include "planner/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "planner/due_times.h"
#include "tests/simulation/planner_world.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

std::vector<uint64_t> Seeds(uint64_t first, uint64_t count) {
  if (const char* seed = std::getenv("COFRE_SEED")) return {std::strtoull(seed, nullptr, 10)};
  if (const char* more = std::getenv("COFRE_SEEDS")) count = std::strtoull(more, nullptr, 10);
  std::vector<uint64_t> seeds;
  for (uint64_t i = 0; i < count; ++i) seeds.push_back(first + i);
  return seeds;
}

class PlannerSimulationTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  // Hours in which every closed year gets its turn, when retries take half of the least cap.
  static int64_t Round(const World& world) {
    uint32_t cap = world.policy.refresh.starts_per_hour;
    for (const TimeWindow& window : world.policy.refresh.windows) cap = std::min(cap, window.starts_per_hour);
    return static_cast<int64_t>(world.fleet.databases.size() / std::max(cap / 2, 1U)) + 1;
  }

  static bool IsEnabled(const World& world, uint32_t database) {
    return world.fleet.companies[world.fleet.databases[database].company].enabled;
  }
  static bool IsCurrent(const World& world, uint32_t database, TimePoint now) {
    const CompanyFacts& company = world.fleet.companies[world.fleet.databases[database].company];
    return IsCurrentFiscalYear(world.fleet.databases[database].fiscal_year,
                               CurrentFiscalYear(now, world.fleet.zones[company.zone], company.first_fiscal_month));
  }

  // Each local day whose hour came while the database was current, and was to be for a while. A year that closes before
  // its turn has come is backed up among the closed ones.
  static std::set<std::chrono::local_days> DueDays(const World& world, uint32_t database, TimePoint from,
                                                   TimePoint to) {
    const CompanyFacts& company = world.fleet.companies[world.fleet.databases[database].company];
    const TimeZone& zone = world.fleet.zones[company.zone];
    std::set<std::chrono::local_days> due;
    for (auto day = zone.DayOf(from) - days(1); day <= zone.DayOf(to); day += days(1)) {
      const TimePoint at = zone.At(day, std::chrono::minutes(company.backup_minute));
      if (at >= from && at < to && IsCurrent(world, database, at + 6h)) due.insert(day);
    }
    return due;
  }
};

TEST_P(PlannerSimulationTest, InQuietMonthsEveryDayHasItsBackupAndNobodyWaitsForEver) {
  SCOPED_TRACE("COFRE_SEED=" + std::to_string(GetParam()));
  const World world = RandomWorld(GetParam());
  PromiseKeeper keeper(world);
  FleetSimulation simulation(world.fleet, world.SimulationOptions(), world.from, keeper);
  const TimePoint covered_by = world.from + 1h * Round(world) + 48h;
  const Duration oldest = world.policy.refresh.max_age + 1h * Round(world) + 48h;
  for (int day = 0; day < 70; ++day) {
    simulation.RunFor(24h);
    for (uint32_t i = 0; i < world.natures.size(); ++i) {
      const DatabaseFacts& database = simulation.fleet().databases[i];
      if (!IsEnabled(world, i) || !world.IsHealthy(i) || simulation.Now() < covered_by) continue;
      ASSERT_GT(database.newest_backup, simulation.Now() - oldest) << i << " starves";
    }
  }
  // Jobs that are under way may be for the last hours.
  const TimePoint until = simulation.Now() - 6h;
  for (uint32_t i = 0; i < world.natures.size(); ++i) {
    if (!IsEnabled(world, i)) continue;
    const auto due = DueDays(world, i, world.from, until);
    if (world.IsHealthy(i)) {
      for (const auto day : due) EXPECT_TRUE(keeper.days()[i].contains(day)) << i << " missed " << FormatDay(day);
    }
    // What fails is tried again and again, too.
    EXPECT_GT(keeper.last_attempts()[i], simulation.Now() - oldest) << i << " is never tried";
  }
  EXPECT_EQ(keeper.late(), 0U);
}

TEST_P(PlannerSimulationTest, ThroughCrashesOutagesAndClocksThatJumpItKeepsItsPromises) {
  SCOPED_TRACE("COFRE_SEED=" + std::to_string(GetParam()));
  World world = RandomWorld(GetParam());
  SeededRandom random(GetParam() + 1'000'000);
  for (int i = 0; i < 20; ++i) {
    const TimePoint begin = world.from + 1h * static_cast<int64_t>(random.Below(60 * 24));
    world.outages.push_back({.server = static_cast<uint32_t>(random.Below(world.fleet.servers.size())),
                             .from = begin,
                             .to = begin + 1min * static_cast<int64_t>(random.Below(36 * 60))});
  }
  PromiseKeeper keeper(world);
  FleetSimulation simulation(world.fleet, world.SimulationOptions(), world.from, keeper);
  for (int i = 0; i < 60; ++i) {
    simulation.RunFor(1min * static_cast<int64_t>(random.Below(48 * 60)));
    const uint64_t dice = random.Below(10);
    if (dice < 4) simulation.Crash(1min * static_cast<int64_t>(random.Below(10 * 60)));
    if (dice == 4) simulation.SetClock(-1h);
    if (dice == 5) simulation.SetClock(random.Below(2) == 0 ? 1h : 24h);
    if (dice == 6) simulation.fleet().paused = !simulation.fleet().paused;
    if (dice == 7) {
      ServerFacts& server = simulation.fleet().servers[random.Below(world.fleet.servers.size())];
      server.paused_by_user = !server.paused_by_user;
    }
  }
  // Once it is quiet, all that can be done is done within a few days.
  world.outages.clear();
  simulation.fleet().paused = false;
  for (ServerFacts& server : simulation.fleet().servers) server.paused_by_user = false;
  simulation.RunFor(72h + 1h * Round(world));
  for (uint32_t i = 0; i < world.natures.size(); ++i) {
    if (!IsEnabled(world, i) || !world.IsHealthy(i)) continue;
    const TimePoint newest = simulation.fleet().databases[i].newest_backup;
    const Duration most = IsCurrent(world, i, simulation.Now()) ? 31h : world.policy.refresh.max_age + 48h;
    EXPECT_GT(newest, simulation.Now() - most) << i << " was forgotten";
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlannerSimulationTest, ::testing::ValuesIn(Seeds(1, 8)));

}  // namespace
}  // namespace cofre::planner
