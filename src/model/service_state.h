#pragma once

// What the service knows of servers, companies and databases beside what the operator said, and what he has put on
// hold. Values only.

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace cofre {

// A server's recent luck. One that fails again and again is left alone until `paused_until`, then tried gently; see
// planner/server_health.h.
struct ServerState {
  std::string server;
  uint32_t failures = 0;                   // in a row, of a kind that may be the server's doing
  uint32_t pauses = 0;                     // in a row; 0: it is not down
  std::optional<TimePoint> failing_since;  // the first of the failures
  std::optional<TimePoint> paused_until;   // may lie behind
  std::optional<TimePoint> recovered_at;   // when it last came back
  std::string last_error;

  bool operator==(const ServerState&) const = default;
};

// A database's last attempt at a backup, of whatever origin, and since when it is as it is.
struct DatabaseState {
  std::string company;
  int fiscal_year = 0;
  TimePoint known_since{};              // when it was registered
  std::optional<TimePoint> changed_at;  // it, its company or its server
  uint64_t fingerprint = 0;             // of what would make it a change; 0: never looked at

  std::string outcome;  // "": none yet; "done", "interrupted", or what failed: base/error.h's name of the kind
  int attempt = 0;
  std::optional<TimePoint> started;
  std::optional<TimePoint> ended;
  std::optional<TimePoint> seen_at;      // last listed by discovery; none: it was registered by hand
  std::optional<TimePoint> vanished_at;  // since when discovery lists it no longer
  std::optional<int> scheduled_day;      // the newest day (since 1970, local) whose scheduled backup was made

  bool operator==(const DatabaseState&) const = default;
};

// A company's repository.
struct CompanyState {
  std::string company;
  std::optional<uint64_t> stored_bytes;  // in the bucket, when last measured
  std::optional<TimePoint> measured_at;
  std::optional<TimePoint> wants_prune_since;  // backups were removed, their bytes not yet reclaimed
  std::optional<TimePoint> pruned_at;
  std::optional<TimePoint> verified_at;  // last deep verification, whatever it found
  // Since when the catalogue may not know what is in it: the next job compares the two before anything else.
  std::optional<TimePoint> doubt_since;

  bool operator==(const CompanyState&) const = default;
};

// Nothing scheduled is started while one stands; what runs goes on, and what somebody asks for by hand is done.
struct Pause {
  std::string server;  // empty: everything
  TimePoint since{};

  bool operator==(const Pause&) const = default;
};

}  // namespace cofre
