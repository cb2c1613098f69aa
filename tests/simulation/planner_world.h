#pragma once

// A random fleet with everything that may go wrong, from one seed, and a watcher that holds the planner to its promises
// at every step.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "planner/simulation.h"

namespace cofre::planner {

// How a database's backups go, each time.
enum class Nature : uint8_t { kHealthy, kFlaky, kNeverWorks, kAlwaysBreaks };

struct Outage {
  uint32_t server = 0;
  TimePoint from{};
  TimePoint to{};
};

struct World {
  uint64_t seed = 0;
  Fleet fleet;
  Policy policy;
  TimePoint from{};
  std::vector<Nature> natures;  // by database
  std::vector<Outage> outages;  // by what the clock shows

  FleetSimulation::Options SimulationOptions() const;
  bool IsHealthy(uint32_t database) const { return natures[database] == Nature::kHealthy; }
};

// Begins on any day of 2026; about 40 companies in zones with and without daylight saving, at any hour.
World RandomWorld(uint64_t seed);

// Fails the test, naming the seed, where a promise is broken.
class PromiseKeeper : public SimulationWatcher {
 public:
  explicit PromiseKeeper(const World& world);

  void Planned(const Plan& plan, const Fleet& fleet) override;
  void Started(uint32_t database, const PlanEntry& entry, TimePoint now, size_t running) override;
  void Ended(uint32_t database, const PlanEntry& entry, Outcome outcome, TimePoint now,
             const std::vector<TimePoint>& backups) override;

  // Days for which a scheduled backup succeeded, by database.
  const std::vector<std::set<std::chrono::local_days>>& days() const { return days_; }
  const std::vector<TimePoint>& last_attempts() const { return last_attempts_; }
  size_t late() const { return late_; }

 private:
  void HoldRefreshCaps(const Plan& plan, size_t starts);
  void HoldBatches(const Plan& plan, const Fleet& fleet);
  uint32_t HourlyCap(TimePoint now) const;

  const World& world_;
  std::map<TimePoint, size_t> refreshes_;  // by hour
  std::deque<TimePoint> recent_refreshes_;
  std::map<uint32_t, size_t> batches_;  // admitted, by batch
  std::set<uint32_t> running_;
  std::vector<std::set<std::chrono::local_days>> days_;
  std::vector<TimePoint> last_attempts_;
  std::vector<size_t> backups_;
  size_t late_ = 0;
};

}  // namespace cofre::planner
