#pragma once

// A plan in words.

#include <string>

#include "model/plan.h"
#include "planner/fleet.h"

namespace cofre::planner {

// For people, in English, times in the company's zone: "not due until 2026-11-25 01:00", "runs now, in batch 3 (due
// since 2026-11-24 01:00, late)". `database` is a position in the fleet that the plan was made of.
std::string Explain(const Plan& plan, const Fleet& fleet, uint32_t database);

}  // namespace cofre::planner
