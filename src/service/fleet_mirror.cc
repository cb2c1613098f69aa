#include "service/fleet_mirror.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/error.h"
#include "service/store_health.h"

namespace cofre::service {
namespace {

using planner::DatabaseFacts;
using planner::Outcome;

constexpr auto kStartsKept = std::chrono::minutes(65);
constexpr size_t kAllJobs = INT64_MAX;
// Each takes five questions: more than that are read faster with all others.
constexpr size_t kMostReadSingly = 500;
// Whatever may have escaped us is not for ever.
constexpr auto kReadAllEvery = std::chrono::hours(6);
// Stored one by one within the look's transaction, for which others wait; the rest is found again at the next look.
constexpr size_t kMostOperatorChanges = 2000;

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

// What would make a failed backup worth another try at once.
uint64_t FingerprintOf(const Server& server, const Company& company, const Database& database) {
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", server.name, EngineName(server.engine), server.host, server.port,
                  server.user, server.password_file, company.enabled, company.space_limit_bytes);
  text += database.path + "\n";
  for (const std::string& argument : database.command) text += argument + "\n";
  return planner::KeyOf(text);
}

// The place of a year in a company's databases; its size where there is none.
size_t FindYear(const FleetMirror::KnownCompany& known, int fiscal_year) {
  const auto found = std::ranges::lower_bound(known.databases, fiscal_year, {}, &DatabaseFacts::fiscal_year);
  if (found == known.databases.end() || found->fiscal_year != fiscal_year) return known.databases.size();
  return static_cast<size_t>(found - known.databases.begin());
}

}  // namespace

bool FleetMirror::KnownCompany::has_backup() const {
  return std::ranges::any_of(databases, [](const DatabaseFacts& facts) { return facts.newest_backup != kNoTime; });
}

void FleetMirror::Forget() {
  known_ = false;
  companies_.clear();
  again_.clear();
}

void FleetMirror::Refresh(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) try {
  now_ = now;
  operator_changes_.clear();
  ReadServers(catalogue);
  ReadCompanies(catalogue);
  queued_ = catalogue.ListJobs({.state = JobState::kQueued}, kAllJobs);
  running_ = catalogue.ListJobs({.state = JobState::kRunning}, kAllJobs);
  MakeState(catalogue, config);
} catch (...) {
  Forget();
  throw;
}

void FleetMirror::ReadServers(catalogue::Catalogue& catalogue) {
  std::map<std::string, Server> servers;
  for (Server& server : catalogue.ListServers()) servers.emplace(server.name, std::move(server));
  // Changes of a server are changes of all its databases.
  if (servers != servers_) known_ = false;
  servers_ = std::move(servers);
}

void FleetMirror::ReadCompanies(catalogue::Catalogue& catalogue) {
  if (!known_ || now_ < read_all_at_ || now_ - read_all_at_ > kReadAllEvery) return ReadAll(catalogue);
  catalogue::CompanyChanges changes = catalogue.ListCompanyChanges(version_);
  if (changes.companies.size() + again_.size() > kMostReadSingly) return ReadAll(catalogue);
  version_ = changes.version;
  std::set<std::string> ids = std::exchange(again_, {});
  ids.insert(changes.companies.begin(), changes.companies.end());
  for (const std::string& id : ids) ReadOne(catalogue, id);
}

void FleetMirror::ReadAll(catalogue::Catalogue& catalogue) {
  Forget();
  version_ = catalogue.ChangesVersion();
  std::map<std::string, CompanyState> states;
  for (CompanyState& state : catalogue.ListCompanyStates()) states.emplace(state.company, std::move(state));
  for (Company& company : catalogue.ListCompanies()) {
    KnownCompany& known = companies_[company.id];
    known.state = std::move(states[company.id]);
    known.company = std::move(company);
  }
  AddDatabases(catalogue.ListDatabases(), catalogue.ListDatabaseStates());
  AddBackups(catalogue.ListNewestBackups(now_ + planner::kClockTolerance));
  known_ = true;
  read_all_at_ = now_;
}

void FleetMirror::ReadOne(catalogue::Catalogue& catalogue, const std::string& id) {
  companies_.erase(id);
  std::optional<Company> company = catalogue.FindCompany(id);
  if (!company) return;
  KnownCompany& known = companies_[id];
  known.company = *std::move(company);
  known.state = catalogue.FindCompanyState(id).value_or(CompanyState{});
  AddDatabases(catalogue.ListDatabases({.company = id}), catalogue.ListDatabaseStates(id));
  AddBackups(catalogue.ListNewestBackups(now_ + planner::kClockTolerance, id));
}

void FleetMirror::AddDatabases(const std::vector<Database>& databases, std::vector<DatabaseState> states) {
  if (databases.size() != states.size()) {
    throw Error(ErrorKind::kCorrupt, "the catalogue has databases without a state", "cofre catalogue rebuild");
  }
  for (size_t i = 0; i < databases.size(); ++i) {
    AddDatabase(companies_.at(databases[i].company), databases[i], std::move(states[i]));
  }
}

void FleetMirror::AddDatabase(KnownCompany& known, const Database& database, DatabaseState state) {
  NoteOperatorChange(known, database, state);
  DatabaseFacts& facts = known.databases.emplace_back();
  known.drilled_at.emplace_back();
  facts.fiscal_year = static_cast<int16_t>(database.fiscal_year);
  facts.outcome = ParseOutcome(state.outcome);
  facts.attempt = static_cast<uint8_t>(std::clamp(state.attempt, 0, 255));
  facts.scheduled_day = state.scheduled_day.value_or(planner::kNoDay);
  facts.attempt_started = OrNone(state.started);
  facts.attempt_ended = OrNone(state.ended);
  facts.changed_at = OrNone(state.changed_at);
  if (state.known_since <= now_ + planner::kClockTolerance) {
    facts.known_since = state.known_since;
  } else {
    again_.insert(database.company);  // a clock was wrong then
  }
}

void FleetMirror::AddBackups(const std::vector<catalogue::NewestBackup>& backups) {
  for (const catalogue::NewestBackup& backup : backups) {
    KnownCompany& known = companies_.at(backup.company);
    const size_t position = FindYear(known, backup.fiscal_year);
    if (position == known.databases.size()) continue;
    known.databases[position].newest_backup = OrNone(backup.time);
    known.drilled_at[position] = backup.drilled_at;
    if (backup.dated_later) again_.insert(backup.company);
  }
}

void FleetMirror::NoteOperatorChange(KnownCompany& known, const Database& database, DatabaseState& state) {
  const uint64_t fingerprint = FingerprintOf(servers_.at(known.company.server), known.company, database);
  if (state.fingerprint == fingerprint) return;
  if (operator_changes_.size() == kMostOperatorChanges) {
    // A new one is noted once something becomes of it: before that no attempt could have failed.
    if (state.fingerprint != 0) again_.insert(database.company);
    return;
  }
  if (state.fingerprint != 0) state.changed_at = now_;
  state.fingerprint = fingerprint;
  operator_changes_.push_back(state);
}

void FleetMirror::MakeState(catalogue::Catalogue& catalogue, const Config& config) {
  state_ = {};
  AddServers(catalogue);
  AddCompanies(config);
  AddJobs(catalogue);
  if (const auto since = catalogue.GetFact(kWatchingSinceFact)) {
    state_.fleet.watching_since = ParseTime(*since).value_or(kNoTime);
  }
  state_.fleet.store_recovered_at = StoreRecoveredAt(catalogue);
}

void FleetMirror::AddServers(catalogue::Catalogue& catalogue) {
  std::set<std::string> paused;
  for (const Pause& pause : catalogue.ListPauses()) paused.insert(pause.server);
  state_.fleet.paused = paused.contains("");
  std::map<std::string, ServerState> states;
  for (const ServerState& state : catalogue.ListServerStates()) states[state.server] = state;
  for (const auto& [name, server] : servers_) {
    const ServerState& state = states[name];
    state_.fleet.servers.push_back({.name = name,
                                    .max_concurrent = server.max_concurrent,
                                    .paused_by_user = paused.contains(name),
                                    .paused_until = OrNone(state.paused_until),
                                    .failing = state.pauses > 0,
                                    .recovered_at = OrNone(state.recovered_at)});
  }
}

void FleetMirror::AddCompanies(const Config& config) {
  planner::Fleet& fleet = state_.fleet;
  std::map<std::string, uint16_t> zones{{config.time_zone, uint16_t{0}}};
  fleet.zones.push_back(planner::TimeZone::Find(config.time_zone));
  const auto zone_of = [&](const std::string& name) {
    if (name.empty() || !planner::TimeZone::IsKnown(name)) return uint16_t{0};
    const auto [zone, is_new] = zones.try_emplace(name, static_cast<uint16_t>(fleet.zones.size()));
    if (is_new) fleet.zones.push_back(planner::TimeZone::Find(name));
    return zone->second;
  };
  std::map<std::string, uint32_t> servers;
  for (const planner::ServerFacts& server : fleet.servers) {
    servers.emplace(server.name, static_cast<uint32_t>(servers.size()));
  }
  fleet.companies.reserve(companies_.size());
  state_.companies.reserve(companies_.size());
  for (auto& [id, known] : companies_) {
    known.position = static_cast<uint32_t>(fleet.companies.size());
    known.first_database = static_cast<uint32_t>(fleet.databases.size());
    state_.companies.push_back(id);
    fleet.companies.push_back({.key = planner::KeyOf(id),
                               .server = servers.at(known.company.server),
                               .zone = zone_of(known.company.time_zone),
                               .backup_minute = static_cast<uint16_t>(known.company.backup_time.count()),
                               .first_fiscal_month = static_cast<uint8_t>(config.first_fiscal_month),
                               .enabled = known.company.enabled});
    fleet.databases.insert(fleet.databases.end(), known.databases.begin(), known.databases.end());
    for (size_t i = known.first_database; i < fleet.databases.size(); ++i) fleet.databases[i].company = known.position;
  }
}

void FleetMirror::AddJobs(catalogue::Catalogue& catalogue) {
  planner::Fleet& fleet = state_.fleet;
  for (const Job& job : queued_) AddJob(job);
  for (const Job& job : running_) AddJob(job);
  for (const Job& job :
       catalogue.ListJobs({.reason = JobReason::kRefresh, .queued_since = now_ - kStartsKept}, kAllJobs)) {
    fleet.refresh_starts.push_back(job.queued);
  }
  const int64_t batch = catalogue.NewestBatch();
  if (batch == 0) return;
  fleet.batch = static_cast<uint32_t>(batch);
  fleet.batch_admitted = static_cast<uint32_t>(catalogue.ListJobs({.batch = batch}, kAllJobs).size());
}

void FleetMirror::AddJob(const Job& job) {
  // They read only and may take hours: no backup waits for them.
  if (job.kind == JobKind::kRestore || job.kind == JobKind::kExport) return;
  const auto company = companies_.find(job.company);
  if (company == companies_.end()) return;
  const KnownCompany& known = company->second;
  planner::JobFacts facts{
      .company = known.position, .running = job.state == JobState::kRunning, .batch = static_cast<uint32_t>(job.batch)};
  const size_t year = FindYear(known, job.fiscal_year);
  if (job.kind == JobKind::kBackup && year < known.databases.size()) {
    facts.database = known.first_database + static_cast<uint32_t>(year);
  }
  state_.fleet.jobs.push_back(facts);
}

FleetState ReadFleet(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  FleetMirror mirror;
  catalogue::Transaction one_moment(catalogue, catalogue::Access::kRead);
  mirror.Refresh(catalogue, config, now);
  one_moment.Commit();
  return mirror.state();
}

}  // namespace cofre::service
