#pragma once

// What the service knows of a server, and what the operator has put on hold. Values only.

#include <optional>
#include <string>

#include "base/clock.h"

namespace cofre {

// A server's recent luck. One that fails again and again is left alone until `paused_until`, then tried with one job.
struct ServerState {
  std::string server;
  int failures = 0;                        // in a row, of kinds that are the server's fault
  std::optional<TimePoint> failing_since;  // the first of them
  std::optional<TimePoint> paused_until;   // may lie behind: the next try is a gentle one
  bool announced = false;                  // the operator has been told that it is down
  std::string last_error;

  bool operator==(const ServerState&) const = default;
};

// Nothing scheduled is started while one stands; what runs goes on, and what somebody asks for by hand is done.
struct Pause {
  std::string server;  // empty: everything
  TimePoint since{};

  bool operator==(const Pause&) const = default;
};

}  // namespace cofre
