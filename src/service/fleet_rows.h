#pragma once

// What the catalogue has of the fleet, read once for all that a look does with it.

#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"

namespace cofre::service {

// Each in the catalogue's order.
struct FleetRows {
  std::vector<Server> servers;
  std::vector<ServerState> server_states;  // of those that have one
  std::vector<Company> companies;
  std::vector<Database> databases;
  std::vector<DatabaseState> database_states;  // of each database, at the same position
  // But for those dated over planner::kClockTolerance after the look.
  std::vector<catalogue::NewestBackup> newest_backups;
  std::vector<Job> queued;
  std::vector<Job> running;
};

// For a look at `now`. Of one moment within a transaction. Errors: the catalogue's.
FleetRows ReadRows(catalogue::Catalogue& catalogue, TimePoint now);

}  // namespace cofre::service
