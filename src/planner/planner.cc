#include "planner/planner.h"

#include <algorithm>

#include "planner/batches.h"
#include "planner/judge.h"
#include "planner/load.h"
#include "planner/refresh.h"

namespace cofre::planner {
namespace {

// Closed years are looked at every hour; everything else waits for the moment that its entry names, or for a job to
// end.
std::optional<TimePoint> NextEvent(const Fleet& fleet, const Load& load, const Plan& plan) {
  TimePoint next = TimePoint::max();
  for (size_t i = 0; i < fleet.servers.size(); ++i) {
    const TimePoint until = fleet.servers[i].paused_until;
    if (load.server_waiting[i] > 0 && until > plan.made_at) next = std::min(next, until);
  }
  bool has_closed_years = false;
  for (const PlanEntry& entry : plan.entries) {
    if (entry.when > plan.made_at) next = std::min(next, entry.when);
    const bool is_closed_year = entry.priority == JobPriority::kRefresh && entry.reason != PlanReason::kDisabled;
    has_closed_years = has_closed_years || is_closed_year;
  }
  if (has_closed_years) {
    next = std::min(next, fleet.zones.front().BeginOfHour(plan.made_at) + std::chrono::hours(1));
  }
  if (next == TimePoint::max()) return std::nullopt;
  return next;
}

}  // namespace

Plan MakePlan(const Fleet& fleet, const Policy& policy, TimePoint now) {
  Load load = LoadOf(fleet, now);
  Judge judge(fleet, load, policy, now);
  Plan plan;
  plan.made_at = now;
  plan.entries.reserve(fleet.databases.size());
  for (uint32_t i = 0; i < fleet.databases.size(); ++i) plan.entries.push_back(judge(i));
  AdmitScheduled(fleet, policy, load, plan);
  AdmitRefreshes(fleet, policy, load, plan);
  for (const PlanEntry& entry : plan.entries) ++plan.count.at(static_cast<size_t>(entry.reason));
  plan.next_event = NextEvent(fleet, load, plan);
  return plan;
}

TimePoint WatchingSince(TimePoint watching_since, TimePoint last_look, std::optional<TimePoint> next_event,
                        TimePoint now, const Policy& policy) {
  const bool asleep = next_event && *next_event + policy.scheduled.margin < now;
  return now < last_look || asleep ? now : watching_since;
}

}  // namespace cofre::planner
