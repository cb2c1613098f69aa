#pragma once

// The planner on a virtual clock, with the least of a service around it: a queue, workers, limits of servers,
// retention, jobs that take a while and fail. `cofre simulate` and the property tests run it. Deterministic: the same
// fleet, options and seed give the same months.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/random.h"
#include "model/plan.h"
#include "model/policy.h"
#include "planner/fleet.h"
#include "planner/retention.h"
#include "planner/server_health.h"

namespace cofre::planner {

// How one backup goes.
struct SimulatedJob {
  Duration length = std::chrono::minutes(1);
  Outcome outcome = Outcome::kDone;
};

// What happens, as it happens. `now` is what the service's clock shows.
class SimulationWatcher {
 public:
  virtual ~SimulationWatcher() = default;
  virtual void Planned(const Plan& /*plan*/, const Fleet& /*fleet*/) {}
  virtual void Started(uint32_t /*database*/, const PlanEntry& /*entry*/, TimePoint /*now*/, size_t /*running*/) {}
  // `backups`: what the database has after it, in any order.
  virtual void Ended(uint32_t /*database*/, const PlanEntry& /*entry*/, Outcome /*outcome*/, TimePoint /*now*/,
                     const std::vector<TimePoint>& /*backups*/) {}
  virtual void ServerChanged(uint32_t /*server*/, HealthEvent /*event*/, TimePoint /*now*/) {}
};

class FleetSimulation {
 public:
  struct Options {
    Policy policy;
    RetentionPolicy retention;
    size_t workers = 16;
    uint64_t seed = 1;
    // How the backup of that database goes that begins now. Empty: a minute, and well.
    std::function<SimulatedJob(uint32_t database, TimePoint now, Random& random)> job;
  };

  // `fleet` is as it is at `from`; its jobs, batch and refresh starts are the simulation's from then on. Keeps a
  // reference to `watcher`.
  FleetSimulation(Fleet fleet, Options options, TimePoint from, SimulationWatcher& watcher);

  // Until so much time has passed, however the clock is set meanwhile.
  void RunFor(Duration length);
  // The service is gone for so long: what ran is interrupted, what waits still waits.
  void Crash(Duration down);
  // Somebody sets the service's clock.
  void SetClock(Duration forward);

  // What the service's clock shows.
  TimePoint Now() const { return true_now_ + clock_error_; }
  // May be changed between runs, except for what is the simulation's.
  Fleet& fleet() { return fleet_; }

 private:
  struct Task {
    uint32_t database = 0;
    PlanEntry entry;
    bool running = false;
    TimePoint started{};  // as the service's clock showed
    TimePoint true_end{};
    Outcome outcome = Outcome::kDone;
  };

  void Look();
  void Admit(const Plan& plan);
  void StartTasks();
  bool MayStart(const Task& task) const;
  void EndTasks();
  void End(const Task& task, Outcome outcome);
  void Keep(uint32_t database, TimePoint backup);
  void SetNewest(uint32_t database);
  void NoteHealth(uint32_t server, Outcome outcome, int attempt);
  TimePoint NextMoment(TimePoint end) const;
  void DescribeJobs();

  Fleet fleet_;
  Options options_;
  SimulationWatcher& watcher_;
  SeededRandom random_;
  TimePoint true_now_;
  Duration clock_error_{};
  std::vector<Task> tasks_;  // in the order in which they were admitted
  std::vector<ServerHealth> health_;
  std::vector<std::vector<TimePoint>> backups_;  // by database
  std::vector<uint32_t> ahead_;                  // databases with a backup dated too far after now
  TimePoint last_look_ = kNoTime;
  std::optional<TimePoint> next_event_;
};

}  // namespace cofre::planner
