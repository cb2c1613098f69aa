#pragma once

// When a server that fails again and again is left alone, and for how long. Pure.

#include <cstdint>

#include "base/clock.h"
#include "model/plan.h"
#include "model/policy.h"

namespace cofre::planner {

// What is kept of a server. A new one is healthy.
struct ServerHealth {
  uint32_t failures = 0;  // in a row, since the last success
  uint32_t pauses = 0;    // in a row
  TimePoint paused_until = kNoTime;
  TimePoint recovered_at = kNoTime;

  // Paused, or tried with one backup at a time after a pause: ServerFacts::failing.
  bool failing() const { return pauses > 0; }
  bool operator==(const ServerHealth&) const = default;
};

// What there is to tell people: each of them once, however many jobs fail meanwhile.
enum class HealthEvent : uint8_t { kNone, kDown, kBack };

struct HealthChange {
  ServerHealth health;
  HealthEvent event = HealthEvent::kNone;
};

// A job on it ended in success, or failed in a way that may be the server's doing (kind transient, from its source).
// Failures of jobs that were under way when the pause began don't make it longer. `attempt` is the job's: while the
// server does well, only first attempts count against it, so that a few databases that break every time don't pause it
// for all.
HealthChange AfterSuccess(const ServerHealth& health, TimePoint now);
HealthChange AfterFailure(const ServerHealth& health, TimePoint now, const ServerPausePolicy& policy, int attempt = 1);

}  // namespace cofre::planner
