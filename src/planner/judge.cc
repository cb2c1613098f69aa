#include "planner/judge.h"

#include <algorithm>

#include "planner/retry_pause.h"

namespace cofre::planner {
namespace {

void Wait(PlanEntry& entry, PlanReason reason, TimePoint until = kNoTime) {
  entry.reason = reason;
  entry.when = until;
}

void Run(PlanEntry& entry, PlanReason reason, uint8_t attempt) {
  entry.reason = reason;
  entry.attempt = attempt;
}

}  // namespace

Judge::Judge(const Fleet& fleet, const Load& load, const Policy& policy, TimePoint now)
    : fleet_(fleet),
      load_(load),
      policy_(policy),
      now_(now),
      hour_(fleet.zones.front().BeginOfHour(now)),
      due_times_(fleet.zones, now) {}

PlanEntry Judge::operator()(uint32_t position) {
  const DatabaseFacts& database = fleet_.databases[position];
  const CompanyFacts& company = fleet_.companies[database.company];
  const bool is_current =
      IsCurrentFiscalYear(database.fiscal_year, due_times_.CurrentYear(company.zone, company.first_fiscal_month));
  PlanEntry entry;
  entry.priority = is_current ? JobPriority::kScheduled : JobPriority::kRefresh;
  if (load_.databases[position] == Load::Mark::kRunning) {
    Wait(entry, PlanReason::kRunning);
  } else if (load_.databases[position] == Load::Mark::kQueued) {
    Wait(entry, PlanReason::kQueued);
  } else if (!company.enabled) {
    Wait(entry, PlanReason::kDisabled);
  } else {
    if (is_current) {
      JudgeCurrent(database, due_times_.SlotOf(company.zone, company.backup_minute), entry);
    } else {
      JudgeClosed(database, entry);
    }
    if (entry.runs()) JudgePauses(database, entry);
  }
  return entry;
}

void Judge::JudgeCurrent(const DatabaseFacts& database, const Slot& slot, PlanEntry& entry) const {
  const auto day = static_cast<int32_t>(slot.day.time_since_epoch().count());
  const CompanyFacts& company = fleet_.companies[database.company];
  // A day counts as done only while its backup is there: not where a clock was put forward and back again.
  const bool day_done = database.scheduled_day >= day && database.newest_backup != kNoTime &&
                        fleet_.zones[company.zone].DayOf(database.newest_backup) >= slot.day;
  const bool attempted = database.attempt_started >= slot.due && database.attempt_started <= now_ + kClockTolerance;
  const bool done = day_done || database.newest_backup >= slot.due || (attempted && database.outcome == Outcome::kDone);
  if (done || slot.due < database.known_since) return Wait(entry, PlanReason::kNotDue, slot.next_due);
  entry.day = slot.day;
  entry.due = slot.due;
  entry.late = slot.due + policy_.scheduled.margin < fleet_.watching_since;
  Run(entry, PlanReason::kScheduled, 1);
  if (attempted) JudgeFailure(database, slot.next_due, entry);
}

void Judge::JudgeClosed(const DatabaseFacts& database, PlanEntry& entry) const {
  if (database.newest_backup != kNoTime && database.newest_backup + policy_.refresh.max_age >= hour_ &&
      IsWhole(database)) {
    return Wait(entry, PlanReason::kFresh, database.newest_backup + policy_.refresh.max_age);
  }
  Run(entry, PlanReason::kRefresh, 1);
  const bool attempted = database.attempt_started != kNoTime && database.attempt_started <= now_ + kClockTolerance;
  if (!attempted) return;
  const TimePoint next_chance = database.attempt_ended + policy_.retry.closed_year_pause;
  if (next_chance <= now_) return;
  if (database.outcome == Outcome::kDone) {
    // It succeeded and its backup has gone: not at once again, whatever took it.
    Wait(entry, PlanReason::kFresh, next_chance);
  } else {
    JudgeFailure(database, next_chance, entry);
  }
}

// The last hour that it had as a current year has its backup. Where nobody was there then, what was entered on its last
// day would be in none for a month.
bool Judge::IsWhole(const DatabaseFacts& database) const {
  const CompanyFacts& company = fleet_.companies[database.company];
  const TimeZone& zone = fleet_.zones[company.zone];
  const std::chrono::year_month_day closed{std::chrono::year(database.fiscal_year + 1),
                                           std::chrono::month(company.first_fiscal_month), std::chrono::day(1)};
  const std::chrono::local_days after(closed);
  // Most are whole by far, and a look at a zone's rules costs as much as all the rest.
  const auto utc_day = std::chrono::floor<std::chrono::days>(database.newest_backup);
  if (utc_day.time_since_epoch() > after.time_since_epoch() + std::chrono::days(1)) return true;
  const TimePoint last = zone.At(after - std::chrono::days(1), std::chrono::minutes(company.backup_minute));
  return database.newest_backup >= last || database.known_since > last;
}

// What is dated after now, because a clock was put back, would seem to be news after each attempt.
bool Judge::IsNewsSince(TimePoint attempt_ended, TimePoint event) const {
  return event > attempt_ended && event <= now_;
}

bool Judge::IsBack(const DatabaseFacts& database) const {
  const ServerFacts& server = fleet_.servers[fleet_.companies[database.company].server];
  return IsNewsSince(database.attempt_ended, server.recovered_at) ||
         IsNewsSince(database.attempt_ended, fleet_.store_recovered_at);
}

void Judge::JudgeFailure(const DatabaseFacts& database, TimePoint next_chance, PlanEntry& entry) const {
  if (database.outcome == Outcome::kNone || database.outcome == Outcome::kDone) return;
  if (IsNewsSince(database.attempt_ended, database.changed_at)) return;
  if (database.outcome == Outcome::kPermanent) return Wait(entry, PlanReason::kFailedPermanently, next_chance);
  if (database.outcome == Outcome::kOverSpace) return Wait(entry, PlanReason::kOverSpace, next_chance);
  // An interruption is not the database's fault, so the first one costs nothing; one that is interrupted each time may
  // well be what ends the process.
  const size_t failed = std::max<size_t>(database.attempt, 1);
  const size_t free = database.outcome == Outcome::kInterrupted ? 1 : 0;
  const auto next = static_cast<uint8_t>(std::min<size_t>(failed + 1, UINT8_MAX));
  if (IsBack(database)) {
    entry.when = database.attempt_ended;
    // One more, however many there were. Not all of them again: what breaks by itself would bring the server down anew.
    return Run(entry, PlanReason::kRetry, next);
  }
  if (failed > policy_.retry.pauses.size() + free) return Wait(entry, PlanReason::kGaveUp, next_chance);
  TimePoint again = database.attempt_ended;
  if (failed > free) {
    again += RetryPause(policy_.retry, failed - free - 1, fleet_.companies[database.company].key, database.fiscal_year,
                        database.attempt_started);
  }
  if (again > now_) return Wait(entry, PlanReason::kRetryLater, again);
  Run(entry, PlanReason::kRetry, next);
  entry.when = again;
}

void Judge::JudgePauses(const DatabaseFacts& database, PlanEntry& entry) const {
  const ServerFacts& server = fleet_.servers[fleet_.companies[database.company].server];
  if (fleet_.paused) return Wait(entry, PlanReason::kAllPaused);
  if (server.paused_by_user) return Wait(entry, PlanReason::kServerPausedByUser);
  if (server.paused_until > now_) return Wait(entry, PlanReason::kServerPaused, server.paused_until);
}

}  // namespace cofre::planner
