#pragma once

// What is due, what waits and why. Pure: the same fleet, policy and moment give the same plan; no clock, no I/O.
// Design: "Policy"; docs/decisions/0080 and on say what that leaves open.
//
// A loop around it: make the plan; put plan.run into the queue in that order, each with its priority, batch, day, late
// and attempt; start what waits as workers and servers allow, one job a company at a time; look again at
// plan.next_event and whenever a job ends. What was put into the queue must be in the next fleet (Fleet::jobs,
// refresh_starts, batch), or it would be admitted twice.

#include "model/plan.h"
#include "model/policy.h"
#include "planner/fleet.h"

namespace cofre::planner {

// `policy` is valid (RequireValid). Throws kind permanent for positions that are out of range. About a tenth of a
// second and 100 MB for 1,000,000 databases.
Plan MakePlan(const Fleet& fleet, const Policy& policy, TimePoint now);

// Fleet::watching_since after a look at `now`, where the look before was at `last_look` and asked to be called again at
// `next_event`. Nobody watched, and so it is now, where this look comes more than the margin too late (the service was
// down, the machine asleep, the clock put forward) or the clock went back.
TimePoint WatchingSince(TimePoint watching_since, TimePoint last_look, std::optional<TimePoint> next_event,
                        TimePoint now, const Policy& policy);

}  // namespace cofre::planner
