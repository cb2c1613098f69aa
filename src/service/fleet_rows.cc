#include "service/fleet_rows.h"

#include <cstdint>

#include "base/error.h"
#include "planner/fleet.h"

namespace cofre::service {

FleetRows ReadRows(catalogue::Catalogue& catalogue, TimePoint now) {
  constexpr size_t kAll = INT64_MAX;
  FleetRows rows{.servers = catalogue.ListServers(),
                 .server_states = catalogue.ListServerStates(),
                 .companies = catalogue.ListCompanies(),
                 .databases = catalogue.ListDatabases(),
                 .database_states = catalogue.ListDatabaseStates(),
                 .newest_backups = catalogue.ListNewestBackups(now + planner::kClockTolerance),
                 .queued = catalogue.ListJobs({.state = JobState::kQueued}, kAll),
                 .running = catalogue.ListJobs({.state = JobState::kRunning}, kAll)};
  if (rows.databases.size() != rows.database_states.size()) {
    throw Error(ErrorKind::kCorrupt, "the catalogue has databases without a state", "cofre catalogue rebuild");
  }
  return rows;
}

}  // namespace cofre::service
