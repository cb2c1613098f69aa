#pragma once

// The planner's input, from the catalogue.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "planner/fleet.h"
#include "service/config.h"

namespace cofre::service {

struct FleetState {
  planner::Fleet fleet;
  // By position in fleet.companies. A database's year stands in the fleet itself.
  std::vector<std::string> companies;
};

// The fleet as the catalogue has it: databases by company and fiscal year. Reads in one transaction, so that it is of
// one moment. Companies of an unknown zone are taken as of the service's. Errors: the catalogue's.
FleetState ReadFleet(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);

}  // namespace cofre::service
