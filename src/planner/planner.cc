#include "planner/planner.h"

namespace cofre::planner {

Plan MakePlan(const Fleet& fleet, const Policy&, TimePoint now) {
  Plan plan;
  plan.made_at = now;
  plan.entries.resize(fleet.databases.size());
  return plan;
}

TimePoint WatchingSince(TimePoint watching_since, TimePoint last_look, std::optional<TimePoint> next_event,
                        TimePoint now, const Policy& policy) {
  const bool asleep = next_event && *next_event + policy.scheduled.margin < now;
  return now < last_look || asleep ? now : watching_since;
}

}  // namespace cofre::planner
