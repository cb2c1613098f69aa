#pragma once

// Which backups of one database stay and which go, and why. Pure: no clock, no I/O (design: "Retention").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "planner/local_time.h"

namespace cofre::planner {

struct RetentionPolicy {
  unsigned current_year_days = 3;    // current year: the newest backup of each of so many days; at least 1
  unsigned closed_year_backups = 1;  // closed year: so many; at least 1

  bool operator==(const RetentionPolicy&) const = default;
};

struct RetentionBackup {
  std::string id;  // the decision carries it back
  TimePoint time{};
  std::optional<TimePoint> pinned_until;
};

enum class RetentionReason : uint8_t {
  kRecentDay,      // stays: the newest of one of the most recent days
  kNewestOfYear,   // stays: among the newest of a closed year
  kPinned,         // stays: pinned until a date that has not come
  kFromTheFuture,  // stays: dated after now, so a clock is or was wrong; it takes no other one's place
  kSameDay,        // goes: there is a newer one of the same day
  kOlderDay,       // goes: there are newer ones of enough days
  kClosedYear,     // goes: a closed year keeps fewer
};

// For people, in English: "newest of 2026-11-24".
std::string_view RetentionReasonText(RetentionReason reason);

struct RetentionDecision {
  std::string id;
  bool keep = true;
  RetentionReason reason = RetentionReason::kRecentDay;
};

// Decides for all backups of one database, in any order; all of them are complete and restorable. One decision each, in
// the order given. Whatever the policy, the newest backup stays: a database that had a backup never has none. Days are
// those of `zone`. Throws kind usage for a policy of 0.
std::vector<RetentionDecision> DecideRetention(const std::vector<RetentionBackup>& backups, bool year_is_current,
                                               TimePoint now, const TimeZone& zone, const RetentionPolicy& policy);

}  // namespace cofre::planner
