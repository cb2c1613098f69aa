#pragma once

// The planner's input, from the catalogue.

#include <string>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "planner/fleet.h"
#include "service/config.h"

namespace cofre::service {

// Catalogue::GetFact: Fleet::watching_since, as FormatTime writes it. Whoever looks at the plan keeps it up to date
// with planner::WatchingSince, so that the next one knows what was missed.
constexpr const char* kWatchingSinceFact = "watching_since";

struct FleetState {
  planner::Fleet fleet;  // databases by company and fiscal year
  // By position in fleet.companies. A database's year stands in the fleet itself.
  std::vector<std::string> companies;
};

// The fleet as the catalogue has it at one moment, for a plan made at `now`; see fleet_mirror.h. Errors: the
// catalogue's.
FleetState ReadFleet(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);

}  // namespace cofre::service
