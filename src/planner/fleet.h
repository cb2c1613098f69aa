#pragma once

// What the planner decides on: the fleet at one moment, as values. Positions instead of names, so that a million
// databases are one pass over one array. service/fleet_state.h makes it from the catalogue.

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "model/plan.h"
#include "planner/local_time.h"

namespace cofre::planner {

// What became of a database's last attempt at a backup, of whatever origin.
enum class Outcome : uint8_t {
  kNone,         // never tried
  kDone,         // a backup was made
  kTransient,    // tried again after the policy's pauses
  kPermanent,    // not tried again before its next day, unless something changes
  kOverSpace,    // the same
  kInterrupted,  // the process went away: tried again at once, and after pauses where that happens again
};

// transient is kTransient, quota is kOverSpace, everything else kPermanent. A job that a stopping service cancelled is
// kInterrupted: that is for the caller to know.
Outcome OutcomeOf(ErrorKind kind);

struct ServerFacts {
  std::string name;
  uint32_t max_concurrent = 4;
  bool paused_by_user = false;
  TimePoint paused_until = kNoTime;  // planner/server_health.h
  // Was paused, and nothing has succeeded since: one job at a time, also of those that were queued before.
  bool failing = false;
  // When it last came back from a pause: what failed before for a transient reason is tried once more at once.
  TimePoint recovered_at = kNoTime;
};

struct CompanyFacts {
  uint64_t key = 0;                // any number that stays the same for this company: jitter depends on it (KeyOf)
  uint32_t server = 0;             // position in Fleet::servers
  uint16_t zone = 0;               // position in Fleet::zones
  uint16_t backup_minute = 60;     // hora_backup, after local midnight; below 1440
  uint8_t first_fiscal_month = 1;  // 1 to 12
  bool enabled = true;

  bool operator==(const CompanyFacts&) const = default;
};

constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

struct DatabaseFacts {
  uint32_t company = 0;  // position in Fleet::companies
  int16_t fiscal_year = 0;
  Outcome outcome = Outcome::kNone;  // of the last attempt that has ended
  uint8_t attempt = 0;               // the number that its plan gave it; 0 where nobody knows, or for a manual one
  int32_t scheduled_day = kNoDay;    // days since 1970: PlanEntry::day of the newest scheduled backup that succeeded
  TimePoint attempt_started = kNoTime;
  TimePoint attempt_ended = kNoTime;
  // The newest complete backup, except such as are dated over kClockTolerance after now: a clock was wrong then.
  TimePoint newest_backup = kNoTime;
  // Registered: it is not due for an hour before that. kNoTime where that is dated over kClockTolerance after now.
  TimePoint known_since = kNoTime;
  TimePoint changed_at = kNoTime;  // it, its company or its server was last changed: what failed before begins anew

  bool operator==(const DatabaseFacts&) const = default;
};

constexpr Duration kClockTolerance = std::chrono::hours(2);

// A job that waits or runs, of any kind.
struct JobFacts {
  static constexpr uint32_t kAllDatabases = std::numeric_limits<uint32_t>::max();

  uint32_t company = 0;
  uint32_t database = kAllDatabases;  // position in Fleet::databases
  bool running = false;               // or queued
  uint32_t batch = 0;                 // PlanEntry::batch; 0: not of a batch

  bool operator==(const JobFacts&) const = default;
};

struct Fleet {
  std::vector<TimeZone> zones;  // [0]: the service's own, for hours and time windows
  std::vector<ServerFacts> servers;
  std::vector<CompanyFacts> companies;
  std::vector<DatabaseFacts> databases;
  std::vector<JobFacts> jobs;
  // When jobs of priority kRefresh were admitted, in any order: at least those from 65 minutes ago on, also after now.
  std::vector<TimePoint> refresh_starts;
  // The newest batch, and how many were admitted to it so far, also those that have ended.
  uint32_t batch = 0;
  uint32_t batch_admitted = 0;
  // Since when somebody has looked at the plan whenever it asked for it: see WatchingSince.
  TimePoint watching_since = kNoTime;
  bool paused = false;  // by the operator: everything
  // When the store last came back: as ServerFacts::recovered_at, for everything.
  TimePoint store_recovered_at = kNoTime;
};

// CompanyFacts::key of a company's id.
uint64_t KeyOf(std::string_view company_id);

}  // namespace cofre::planner
