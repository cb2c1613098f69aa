// One decision over a large fleet: build/bench/bench/planner_bench

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "planner/planner.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = ParseTime("2026-11-24T06:00:00Z").value();  // the full hour at which most are due, too

// Databases of a fleet of 12 years each, in 8 zones, at any minute of the day, one of twelve of the current year.
// Of the closed years, one of 40 has no backup, and as many are too old.
Fleet LargeFleet(size_t databases) {
  SeededRandom random(1);
  Fleet fleet;
  for (const char* zone : {"America/Bogota", "America/Mexico_City", "America/Lima", "America/Santiago", "Europe/Madrid",
                           "America/New_York", "America/Argentina/Buenos_Aires", "Etc/UTC"}) {
    fleet.zones.push_back(TimeZone::Find(zone));
  }
  for (int i = 0; i < 500; ++i) fleet.servers.push_back({.name = std::to_string(i)});
  for (uint32_t i = 0; i < databases; ++i) {
    if (i % 12 == 0) {
      fleet.companies.push_back({.key = random.Next(),
                                 .server = static_cast<uint32_t>(random.Below(fleet.servers.size())),
                                 .zone = static_cast<uint16_t>(random.Below(fleet.zones.size())),
                                 .backup_minute = static_cast<uint16_t>(random.Below(1440))});
    }
    const bool is_current = i % 12 == 0;
    DatabaseFacts database{.company = static_cast<uint32_t>(fleet.companies.size() - 1),
                           .fiscal_year = static_cast<int16_t>(is_current ? 2026 : 2026 - i % 12)};
    if (random.Below(40) != 0) {
      const uint64_t hours = is_current ? random.Below(30) : random.Below(24 * 31);
      database.newest_backup = kNow - 1h * static_cast<int64_t>(hours);
      database.attempt_started = database.attempt_ended = database.newest_backup;
      database.outcome = Outcome::kDone;
    }
    fleet.databases.push_back(database);
  }
  return fleet;
}

void OneDecision(benchmark::State& state) {
  const Fleet fleet = LargeFleet(static_cast<size_t>(state.range(0)));
  const Policy policy;
  size_t runs = 0;
  for (auto _ : state) runs = MakePlan(fleet, policy, kNow).run.size();
  state.counters["to_run"] = static_cast<double>(runs);
}
BENCHMARK(OneDecision)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// A month after everything was covered: nobody is in need, and the oldest go early.
void OneQuietDecision(benchmark::State& state) {
  Fleet fleet = LargeFleet(static_cast<size_t>(state.range(0)));
  for (size_t i = 0; i < fleet.databases.size(); ++i) {
    DatabaseFacts& database = fleet.databases[i];
    database.newest_backup = database.attempt_started = kNow - 1min * static_cast<int64_t>(i % (24 * 60 * 29));
  }
  const Policy policy;
  for (auto _ : state) benchmark::DoNotOptimize(MakePlan(fleet, policy, kNow));
}
BENCHMARK(OneQuietDecision)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cofre::planner
