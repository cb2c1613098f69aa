#pragma once

// Holds the right to plan to what it promises: one has it at a time, whoever looks has it, and it is never long without
// one that could have it. Knows what the lease service has said, and not what it keeps.

#include <functional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "tests/world/timeline.h"

namespace cofre::world {

class Planners {
 public:
  using Fail = std::function<void(const std::string&)>;
  Planners(const VirtualClock& clock, Fail fail) : clock_(clock), fail_(std::move(fail)) {}

  // The process was told that it has the right until then.
  void Granted(const std::string& process, TimePoint until);
  // It gave the right back, or is known to have ended.
  void Released(const std::string& process);
  // It has looked at the fleet and queued what is due.
  void Looked(const std::string& process);

  // Who has it now; empty: nobody.
  std::string holder() const { return until_ > clock_.Now() ? holder_ : ""; }
  // Also where its right is over.
  const std::string& last_holder() const { return holder_; }
  // At every step. `planned`: the holder is at work. `possible`: some process could have been the holder for long
  // enough.
  void Watch(bool planned, bool possible);

  uint64_t takeovers() const { return takeovers_; }

 private:
  const VirtualClock& clock_;
  Fail fail_;
  std::string holder_;
  TimePoint until_{};
  Duration planned_at_{};  // at last
  uint64_t takeovers_ = 0;
};

}  // namespace cofre::world
