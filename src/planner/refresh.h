#pragma once

// Which closed years are backed up anew now. Private to the planner.

#include "model/plan.h"
#include "model/policy.h"
#include "planner/fleet.h"
#include "planner/load.h"

namespace cofre::planner {

// What the caps leave at one moment.
struct RefreshRoom {
  uint32_t hour = 0;            // starts left in this hour
  uint32_t minute = 0;          // and in this minute
  uint32_t used_this_hour = 0;  // starts
  TimePoint hour_until{};       // when `hour` changes: the next full hour, or the edge of a time window
  TimePoint minute_until{};     // when `minute` grows; `now` where it is full
};
RefreshRoom RefreshRoomAt(const Fleet& fleet, const RefreshPolicy& policy, TimePoint now);

// Of the entries of priority kRefresh that want to run, leaves those that may start now, adds them to plan.run, and
// says of the others what they wait for. Where none wants to, starts some early (RefreshPolicy::level).
//
// The order of need: who has waited longest since the last backup or attempt, so that none at all comes first, then the
// oldest, and what fails again and again goes to the end of the line each time. Retries have a line of their own; the
// two take turns, so that neither can keep the other waiting.
void AdmitRefreshes(const Fleet& fleet, const Policy& policy, Load& load, Plan& plan);

}  // namespace cofre::planner
