#pragma once

// Which of the due databases of current fiscal years are admitted now. Private to the planner.

#include "model/plan.h"
#include "model/policy.h"
#include "planner/fleet.h"
#include "planner/load.h"

namespace cofre::planner {

// Of the entries of priority kScheduled that want to run, leaves those that the batch has room for, adds them to
// plan.run, and says of the others what they wait for. First attempts go before retries, then who is due longest.
void AdmitScheduled(const Fleet& fleet, const Policy& policy, Load& load, Plan& plan);

}  // namespace cofre::planner
