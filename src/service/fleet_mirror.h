#pragma once

// What the catalogue says of the fleet, kept in memory from one look to the next: a look at a million databases reads
// what has changed since the last one (docs/decisions/0194). Some 170 bytes a database and 700 a company.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "planner/fleet.h"
#include "service/config.h"
#include "service/fleet_state.h"

namespace cofre::service {

class FleetMirror {
 public:
  struct KnownCompany {
    Company company;
    CompanyState state;
    // By fiscal year. Their `company` is set in state() alone.
    std::vector<planner::DatabaseFacts> databases;
    std::vector<std::optional<TimePoint>> drilled_at;  // of each of them, the last restore drill of any of its backups
    uint32_t position = 0;                             // in state().companies
    uint32_t first_database = 0;                       // in state().fleet.databases

    bool has_backup() const;
  };

  // Brings it up to date for a look at `now`; within a Transaction, so that all is of one moment. Companies of a zone
  // that is unknown here are taken as of the service's. Errors: the catalogue's, corrupt where databases have no state;
  // after one nothing is known, and the next call reads everything.
  void Refresh(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);
  // The next Refresh reads everything.
  void Forget();

  // As of the last Refresh.
  const FleetState& state() const { return state_; }
  const std::map<std::string, KnownCompany>& companies() const { return companies_; }
  const std::vector<Job>& queued() const { return queued_; }
  const std::vector<Job>& running() const { return running_; }
  int64_t version() const { return version_; }
  // What the last Refresh found changed by the operator, for Catalogue::PutDatabaseChange; its state() has it already.
  const std::vector<DatabaseState>& operator_changes() const { return operator_changes_; }

 private:
  void ReadServers(catalogue::Catalogue& catalogue);
  void ReadCompanies(catalogue::Catalogue& catalogue);
  void ReadAll(catalogue::Catalogue& catalogue);
  void ReadOne(catalogue::Catalogue& catalogue, const std::string& id);
  // Of companies that are known already; one state of each database, in the same order.
  void AddDatabases(const std::vector<Database>& databases, std::vector<DatabaseState> states);
  void AddDatabase(KnownCompany& known, const Database& database, DatabaseState state);
  void AddBackups(const std::vector<catalogue::NewestBackup>& backups);
  void NoteOperatorChange(KnownCompany& known, const Database& database, DatabaseState& state);

  void MakeState(catalogue::Catalogue& catalogue, const Config& config);
  void AddServers(catalogue::Catalogue& catalogue);
  void AddCompanies(const Config& config);
  void AddJobs(catalogue::Catalogue& catalogue);
  void AddJob(const Job& job);

  TimePoint now_{};
  bool known_ = false;
  TimePoint read_all_at_{};
  int64_t version_ = 0;
  std::map<std::string, Server> servers_;
  std::map<std::string, KnownCompany> companies_;
  std::set<std::string> again_;  // companies to be read at the next Refresh, changed or not
  std::vector<DatabaseState> operator_changes_;
  std::vector<Job> queued_;
  std::vector<Job> running_;
  FleetState state_;
};

}  // namespace cofre::service
