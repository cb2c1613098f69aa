#include "service/health.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "planner/local_time.h"
#include "service/store_health.h"

namespace cofre::service {
namespace {

constexpr size_t kMostJobs = 100'000;

using DatabaseKey = std::pair<std::string, int>;

bool IsFailure(const std::string& outcome) {
  return !outcome.empty() && outcome != "done" && outcome != "interrupted" && outcome != "cancelled";
}

// The current fiscal year by time zone: few zones, many companies.
class FiscalYears {
 public:
  FiscalYears(const Config& config, TimePoint now) : config_(config), now_(now) {}

  int Current(const std::string& zone) {
    const std::string name = zone.empty() || !planner::TimeZone::IsKnown(zone) ? config_.time_zone : zone;
    const auto [found, is_new] = years_.try_emplace(name, 0);
    if (is_new) {
      found->second = planner::CurrentFiscalYear(now_, planner::TimeZone::Find(name), config_.first_fiscal_month);
    }
    return found->second;
  }

 private:
  const Config& config_;
  const TimePoint now_;
  std::map<std::string, int> years_;
};

std::vector<DatabaseHealth> LookAtDatabases(catalogue::Catalogue& catalogue, const Config& config, TimePoint now,
                                            const std::map<std::string, Company>& companies) {
  std::map<DatabaseKey, TimePoint> newest;
  for (const auto& backup : catalogue.ListNewestBackups(now + std::chrono::hours(2))) {
    if (backup.time) newest[{backup.company, backup.fiscal_year}] = *backup.time;
  }
  std::map<DatabaseKey, DatabaseState> states;
  for (DatabaseState& state : catalogue.ListDatabaseStates()) {
    DatabaseKey key(state.company, state.fiscal_year);
    states.insert_or_assign(std::move(key), std::move(state));
  }
  FiscalYears years(config, now);
  std::vector<DatabaseHealth> databases;
  for (const Database& database : catalogue.ListDatabases()) {
    const auto company = companies.find(database.company);
    if (company == companies.end()) continue;
    const DatabaseKey key(database.company, database.fiscal_year);
    const DatabaseState& state = states[key];
    DatabaseHealth health{
        .company = database.company,
        .name = company->second.name,
        .server = company->second.server,
        .fiscal_year = database.fiscal_year,
        .current = planner::IsCurrentFiscalYear(database.fiscal_year, years.Current(company->second.time_zone)),
        .enabled = company->second.enabled,
        .failing = IsFailure(state.outcome),
        .outcome = state.outcome,
        .tried = state.ended};
    if (const auto found = newest.find(key); found != newest.end()) health.newest = found->second;
    const TimePoint since = health.newest.value_or(state.known_since);
    const auto limit = health.current ? config.notify.late_after : config.notify.late_after_closed;
    health.late = health.enabled && now - since > limit;
    databases.push_back(std::move(health));
  }
  return databases;
}

std::vector<CompanyHealth> LookAtCompanies(catalogue::Catalogue& catalogue,
                                           const std::map<std::string, Company>& companies) {
  std::map<std::string, uint64_t> measured;
  for (const CompanyState& state : catalogue.ListCompanyStates()) {
    if (state.stored_bytes) measured[state.company] = *state.stored_bytes;
  }
  std::map<std::string, uint64_t> added;
  if (measured.size() < companies.size()) {
    for (const Backup& backup : catalogue.ListBackups()) added[backup.company] += backup.stored_bytes;
  }
  std::vector<CompanyHealth> all;
  for (const auto& [id, company] : companies) {
    const auto found = measured.find(id);
    all.push_back({.company = id,
                   .name = company.name,
                   .used_bytes = found != measured.end() ? found->second : added[id],
                   .limit_bytes = company.space_limit_bytes});
  }
  return all;
}

void LookAtServers(catalogue::Catalogue& catalogue, Health& health) {
  std::set<std::string> paused;
  for (const Pause& pause : catalogue.ListPauses()) paused.insert(pause.server);
  health.paused = paused.contains("");
  health.store_down = IsStoreDown(catalogue);
  std::map<std::string, ServerState> states;
  for (ServerState& state : catalogue.ListServerStates()) states[state.server] = state;
  for (const Server& server : catalogue.ListServers()) {
    const ServerState& state = states[server.name];
    health.servers.push_back({.name = server.name,
                              .down = state.pauses > 0,
                              .paused_by_user = health.paused || paused.contains(server.name),
                              .paused_until = state.pauses > 0 ? state.paused_until : std::nullopt,
                              .last_error = state.last_error});
  }
}

}  // namespace

std::optional<Duration> DatabaseHealth::Age(TimePoint now) const {
  if (!newest) return std::nullopt;
  return std::max<Duration>(now - *newest, Duration(0));
}

double CompanyHealth::percent() const {
  return limit_bytes == 0 ? 100 : 100 * static_cast<double>(used_bytes) / static_cast<double>(limit_bytes);
}

std::vector<Job> RunningJobs(catalogue::Catalogue& catalogue) {
  return catalogue.ListJobs({.state = JobState::kRunning}, kMostJobs);
}

std::vector<Job> QueuedJobs(catalogue::Catalogue& catalogue) {
  std::vector<Job> jobs = catalogue.ListJobs({.state = JobState::kQueued}, kMostJobs);
  std::ranges::sort(jobs, [](const Job& a, const Job& b) {
    return std::tuple(a.not_before, a.priority, a.id) < std::tuple(b.not_before, b.priority, b.id);
  });
  return jobs;
}

Health LookAtHealth(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  Health health{.at = now};
  catalogue::Transaction moment(catalogue, catalogue::Access::kRead);
  std::map<std::string, Company> companies;
  for (Company& company : catalogue.ListCompanies()) companies.emplace(company.id, company);
  health.databases = LookAtDatabases(catalogue, config, now, companies);
  health.companies = LookAtCompanies(catalogue, companies);
  LookAtServers(catalogue, health);
  health.running = RunningJobs(catalogue);
  health.queued = QueuedJobs(catalogue);
  return health;
}

}  // namespace cofre::service
