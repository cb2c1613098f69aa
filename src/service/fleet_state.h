#pragma once

// The planner's input, from the catalogue.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "planner/fleet.h"
#include "service/config.h"
#include "service/fleet_rows.h"

namespace cofre::service {

// Catalogue::GetFact: Fleet::watching_since, as FormatTime writes it. Whoever looks at the plan keeps it up to date
// with planner::WatchingSince, so that the next one knows what was missed.
constexpr const char* kWatchingSinceFact = "watching_since";

struct FleetState {
  planner::Fleet fleet;
  // By position in fleet.companies. A database's year stands in the fleet itself.
  std::vector<std::string> companies;
};

// The fleet as the catalogue has it, for a plan made at `now`: databases by company and fiscal year. Reads in one
// transaction, so that it is of one moment. Companies of a zone that is unknown here are taken as of the service's.
// Errors: the catalogue's.
FleetState ReadFleet(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);
// The same of rows that are at hand, read within the transaction that is open.
FleetState MakeFleet(catalogue::Catalogue& catalogue, const FleetRows& rows, const Config& config, TimePoint now);

}  // namespace cofre::service
