#include "service/fleet_state.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "service/store_health.h"

namespace cofre::service {
namespace {

using planner::DatabaseFacts;
using planner::Outcome;

constexpr auto kStartsKept = std::chrono::minutes(65);
constexpr size_t kAll = std::numeric_limits<int64_t>::max();

// DatabaseState::outcome in the planner's terms.
Outcome ParseOutcome(const std::string& name) {
  if (name.empty()) return Outcome::kNone;
  if (name == JobStateName(JobState::kDone)) return Outcome::kDone;
  if (name == JobStateName(JobState::kInterrupted)) return Outcome::kInterrupted;
  for (const ErrorKind kind : {ErrorKind::kTransient, ErrorKind::kQuota}) {
    if (name == ErrorKindName(kind)) return planner::OutcomeOf(kind);
  }
  return Outcome::kPermanent;
}

TimePoint OrNone(const std::optional<TimePoint>& time) { return time.value_or(kNoTime); }

class Reader {
 public:
  Reader(catalogue::Catalogue& catalogue, const FleetRows& rows, const Config& config, TimePoint now)
      : catalogue_(catalogue), rows_(rows), config_(config), now_(now) {}

  FleetState Read() {
    fleet_.zones.push_back(planner::TimeZone::Find(config_.time_zone));
    zones_[config_.time_zone] = 0;
    ReadServers();
    ReadCompanies();
    ReadDatabases();
    ReadJobs();
    if (const auto since = catalogue_.GetFact(kWatchingSinceFact)) {
      fleet_.watching_since = ParseTime(*since).value_or(kNoTime);
    }
    fleet_.store_recovered_at = StoreRecoveredAt(catalogue_);
    return std::move(state_);
  }

 private:
  void ReadServers() {
    std::set<std::string> paused;
    for (const Pause& pause : catalogue_.ListPauses()) paused.insert(pause.server);
    fleet_.paused = paused.contains("");
    std::map<std::string, ServerState> states;
    for (const ServerState& state : rows_.server_states) states[state.server] = state;
    for (const Server& server : rows_.servers) {
      servers_[server.name] = static_cast<uint32_t>(fleet_.servers.size());
      const ServerState& state = states[server.name];
      fleet_.servers.push_back({.name = server.name,
                                .max_concurrent = server.max_concurrent,
                                .paused_by_user = paused.contains(server.name),
                                .paused_until = OrNone(state.paused_until),
                                .failing = state.pauses > 0,
                                .recovered_at = OrNone(state.recovered_at)});
    }
  }

  uint16_t Zone(const std::string& name) {
    if (name.empty() || !planner::TimeZone::IsKnown(name)) return 0;
    const auto [zone, is_new] = zones_.try_emplace(name, static_cast<uint16_t>(fleet_.zones.size()));
    if (is_new) fleet_.zones.push_back(planner::TimeZone::Find(name));
    return zone->second;
  }

  void ReadCompanies() {
    for (const Company& company : rows_.companies) {
      companies_[company.id] = static_cast<uint32_t>(state_.companies.size());
      state_.companies.push_back(company.id);
      fleet_.companies.push_back({.key = planner::KeyOf(company.id),
                                  .server = servers_.at(company.server),
                                  .zone = Zone(company.time_zone),
                                  .backup_minute = static_cast<uint16_t>(company.backup_time.count()),
                                  .first_fiscal_month = static_cast<uint8_t>(config_.first_fiscal_month),
                                  .enabled = company.enabled});
    }
  }

  // nullptr where it is no longer registered.
  DatabaseFacts* Find(const std::string& company, int fiscal_year) {
    const auto found = databases_.find({company, fiscal_year});
    return found == databases_.end() ? nullptr : &fleet_.databases[found->second];
  }

  void ReadDatabases() {
    for (size_t i = 0; i < rows_.databases.size(); ++i) {
      const Database& registered = rows_.databases[i];
      const DatabaseState& state = rows_.database_states[i];
      databases_[{registered.company, registered.fiscal_year}] = static_cast<uint32_t>(i);
      DatabaseFacts& database = fleet_.databases.emplace_back();
      database.company = companies_.at(registered.company);
      database.fiscal_year = static_cast<int16_t>(registered.fiscal_year);
      database.outcome = ParseOutcome(state.outcome);
      database.attempt = static_cast<uint8_t>(std::clamp(state.attempt, 0, 255));
      database.scheduled_day = state.scheduled_day.value_or(planner::kNoDay);
      database.attempt_started = OrNone(state.started);
      database.attempt_ended = OrNone(state.ended);
      // A clock was wrong then.
      if (state.known_since <= now_ + planner::kClockTolerance) database.known_since = state.known_since;
      database.changed_at = OrNone(state.changed_at);
    }
    for (const catalogue::NewestBackup& backup : rows_.newest_backups) {
      if (DatabaseFacts* database = Find(backup.company, backup.fiscal_year)) database->newest_backup = backup.time;
    }
  }

  void ReadJobs() {
    for (const Job& job : rows_.queued) AddJob(job);
    for (const Job& job : rows_.running) AddJob(job);
    for (const Job& job :
         catalogue_.ListJobs({.reason = JobReason::kRefresh, .queued_since = now_ - kStartsKept}, kAll)) {
      fleet_.refresh_starts.push_back(job.queued);
    }
    const int64_t batch = catalogue_.NewestBatch();
    if (batch == 0) return;
    fleet_.batch = static_cast<uint32_t>(batch);
    fleet_.batch_admitted = static_cast<uint32_t>(catalogue_.ListJobs({.batch = batch}, kAll).size());
  }

  void AddJob(const Job& job) {
    // They read only and may take hours: no backup waits for them.
    if (job.kind == JobKind::kRestore || job.kind == JobKind::kExport) return;
    const auto company = companies_.find(job.company);
    if (company == companies_.end()) return;
    planner::JobFacts facts{.company = company->second,
                            .running = job.state == JobState::kRunning,
                            .batch = static_cast<uint32_t>(job.batch)};
    const auto database = databases_.find({job.company, job.fiscal_year});
    if (job.kind == JobKind::kBackup && database != databases_.end()) facts.database = database->second;
    fleet_.jobs.push_back(facts);
  }

  catalogue::Catalogue& catalogue_;
  const FleetRows& rows_;
  const Config& config_;
  TimePoint now_;
  FleetState state_;
  planner::Fleet& fleet_ = state_.fleet;
  std::map<std::string, uint16_t> zones_;
  std::map<std::string, uint32_t> servers_;
  std::map<std::string, uint32_t> companies_;
  std::map<std::pair<std::string, int>, uint32_t> databases_;
};

}  // namespace

FleetState ReadFleet(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  catalogue::Transaction one_moment(catalogue);
  FleetState state = MakeFleet(catalogue, ReadRows(catalogue, now), config, now);
  one_moment.Commit();
  return state;
}

FleetState MakeFleet(catalogue::Catalogue& catalogue, const FleetRows& rows, const Config& config, TimePoint now) {
  return Reader(catalogue, rows, config, now).Read();
}

}  // namespace cofre::service
