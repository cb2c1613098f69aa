#pragma once

// Holds plans and jobs under way to the limits of the policy.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/backup.h"
#include "planner/local_time.h"
#include "service/config.h"
#include "service/scheduler.h"
#include "tests/world/fleet.h"

namespace cofre::world {

class Caps {
 public:
  using Fail = std::function<void(const std::string&)>;
  Caps(const Fleet& fleet, Fail fail) : fleet_(fleet), fail_(std::move(fail)) {}

  // What a look has put into the queue.
  void Planned(const Plan& plan, const service::Config& config);
  // Everything that runs in one process, after one more began.
  void Working(const std::vector<Job>& running, const service::Config& config);
  // Everything that runs in all of them by a claim that holds.
  void Running(const std::vector<Job>& running);
  // A job that begins on that day of the world.
  void Began(const Job& job, int64_t day);
  // A scheduled backup that was made.
  void Done(const Job& job);
  // What was counted by the clock before counts no more.
  void ClockJumped();

 private:
  const Fleet& fleet_;
  Fail fail_;
  std::map<TimePoint, uint64_t> by_hour_;
  std::deque<TimePoint> refreshes_;
  std::map<uint32_t, uint64_t> batches_;
  std::set<std::pair<BaseKey, int>> days_;
  std::map<std::pair<BaseKey, int64_t>, uint64_t> tries_;
};

}  // namespace cofre::world
