#pragma once

// What a simulation is asked for: the fleet that the design speaks of, and its load by hour and coverage.

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/simulation.h"

namespace cofre::planner {

struct SimulatedFleet {
  uint32_t companies = 1000;  // of one database each
  uint32_t current = 80;      // so many of the current fiscal year; the others' year is closed
  double failure_rate = 0;    // of backups; nine of ten for a transient reason
};

// None backed up before, all at 01:00 in `zone`, on servers of 200 companies each.
Fleet MakeSimulatedFleet(const SimulatedFleet& fleet, const TimeZone& zone, TimePoint from);
// 20 s to 2 minutes each.
SimulatedJob SimulateJob(const SimulatedFleet& fleet, Random& random);

struct HourFigures {
  TimePoint begin{};
  uint32_t scheduled = 0;  // backups of current years started
  uint32_t refreshes = 0;  // and of closed years
  uint32_t retries = 0;    // of both, those that were tried before
  uint32_t batches = 0;    // begun
  uint32_t failed = 0;
  uint32_t late = 0;
  uint32_t most_running = 0;  // at once
  uint32_t covered = 0;       // closed years with a backup at the end of the hour
};

class FigureKeeper : public SimulationWatcher {
 public:
  // Hours are counted from `from`, a full hour of the service's zone, for `length`.
  FigureKeeper(const Fleet& fleet, TimePoint from, Duration length);

  void Planned(const Plan& plan, const Fleet& fleet) override;
  void Started(uint32_t database, const PlanEntry& entry, TimePoint now, size_t running) override;
  void Ended(uint32_t database, const PlanEntry& entry, Outcome outcome, TimePoint now,
             const std::vector<TimePoint>& backups) override;

  const std::vector<HourFigures>& hours() const { return hours_; }
  uint32_t closed() const { return closed_; }
  // Hours until every closed year had a backup; nullopt where some have none yet.
  std::optional<uint32_t> HoursToCoverage() const;
  // Starts of closed years a day, from a day after that on; nullopt where less than a day is left.
  std::optional<double> RefreshesADayAfterCoverage() const;

 private:
  HourFigures& At(TimePoint time);

  TimePoint from_;
  std::vector<HourFigures> hours_;
  std::vector<bool> has_backup_;  // by database
  uint32_t closed_ = 0;
  uint32_t covered_ = 0;
  std::optional<TimePoint> covered_at_;
  uint32_t newest_batch_ = 0;
};

}  // namespace cofre::planner
