#pragma once

// What should be backed up now and, for every other database, why not. A value, made by planner/planner.h.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace cofre {

// Who goes first where several wait for the same workers: the lowest.
enum class JobPriority : uint8_t { kManual, kScheduled, kRefresh };
std::string_view JobPriorityName(JobPriority priority);  // "manual", "scheduled", "refresh"

enum class PlanReason : uint8_t {
  // Run it now:
  kScheduled,     // its hour has come
  kRefresh,       // a closed year without a backup, or with one that is too old
  kRefreshEarly,  // a closed year whose turn it is, so that they don't all become too old at once
  kRetry,         // failed, and its pause is over
  // Not now:
  kDisabled,            // backups_habilitados is off
  kAllPaused,           // the operator paused everything
  kServerPausedByUser,  // the operator paused its server
  kServerPaused,        // its server fails again and again; until `when`
  kServerProbed,        // its server failed, and one backup at a time tries it
  kServerBusy,          // refresh: enough wait for its server already
  kRunning,             // this database is being backed up
  kQueued,              // it was admitted and waits for a worker
  kCompanyBusy,         // another job of its company runs, waits or goes first
  kNotDue,              // until `when`
  kFresh,               // closed year: until `when`
  kOverSpace,           // failed for want of space; tried again at `when`
  kBatchBefore,         // due; waits for the batch before to end
  kHourlyCap,           // refresh: the starts of this hour are used up; until `when`
  kMinuteCap,           // refresh: the starts of this minute are used up; until `when`
  kCandidateLimit,      // refresh: so many need it more; until `when`
  kRetryLater,          // failed for a transient reason; tried again at `when`
  kGaveUp,              // failed, and so did all its retries; tried again at `when`
  kFailedPermanently,   // failed, and would again until something changes; tried again at `when`
};
constexpr size_t kPlanReasons = static_cast<size_t>(PlanReason::kFailedPermanently) + 1;
std::string_view PlanReasonName(PlanReason reason);  // "scheduled", "not_due", ...: for logs and JSON

constexpr bool IsRun(PlanReason reason) { return reason <= PlanReason::kRetry; }

// Where a time is not known: before all others.
constexpr TimePoint kNoTime = TimePoint::min();

// One database. `priority` is kScheduled for the current fiscal year and kRefresh for a closed one, also where it is
// not to run.
struct PlanEntry {
  PlanReason reason = PlanReason::kNotDue;
  JobPriority priority = JobPriority::kScheduled;
  bool late = false;              // scheduled: nobody was there when it was due, and its margin is over
  uint8_t attempt = 0;            // to run: 1, or one more than the attempt that failed
  uint32_t batch = 0;             // scheduled and due: the batch that it runs in or is expected in; 0: none
  std::chrono::local_days day{};  // scheduled and due: the local day that this backup is for
  TimePoint due = kNoTime;        // scheduled and due: since when
  TimePoint when = kNoTime;       // not to run: until when, where that is known

  bool runs() const { return IsRun(reason); }
  bool operator==(const PlanEntry&) const = default;
};

struct Plan {
  TimePoint made_at{};
  std::vector<PlanEntry> entries;  // one a database, in the order of the fleet that was given
  std::vector<uint32_t> run;       // positions of the entries to run, in the order in which they should start
  // When the plan would differ though nothing has happened. Look again then, and whenever a job ends, the fleet or the
  // settings change, or somebody pauses or resumes. Empty: time alone changes nothing.
  std::optional<TimePoint> next_event;
  std::array<uint32_t, kPlanReasons> count{};  // of entries by reason

  uint32_t Count(PlanReason reason) const { return count.at(static_cast<size_t>(reason)); }
};

}  // namespace cofre
