#include "service/discovery.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/stop.h"
#include "planner/local_time.h"

namespace cofre::service {
namespace {

constexpr const char* kLastDay = "discovery.day";

std::vector<sources::FoundDatabase> Ask(Wiring& wiring, const Server& server, const DiscoveryConfig& how,
                                        const std::stop_token& stop) {
  if (!how.pattern.empty()) return sources::ListByPattern(how.pattern);
  if (!how.command.empty()) return sources::ListByCommand(how.command, wiring.clock(), stop);
  const Config& config = wiring.config();
  const Secret password = server.password_file.empty() ? Secret() : ReadSecretFile(server.password_file);
  const auto ask = [&](auto settings, const auto& tools) {
    settings.server = server;
    settings.database = how.database;
    settings.password = password;
    settings.tools = tools;
    settings.limits = config.limits;
    return sources::ListByQuery(settings, how.query, wiring.clock(), stop);
  };
  switch (server.engine) {
    case Engine::kFirebird:
      return ask(sources::FirebirdSettings(), config.firebird);
    case Engine::kPostgresql:
      return ask(sources::PostgresqlSettings(), config.postgresql);
    case Engine::kMariadb:
      return ask(sources::MariadbSettings(), config.mariadb);
    case Engine::kSqlite:
    case Engine::kCommand:
    case Engine::kFolder:
      break;
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("{} is a server of {}, which is asked no consulta", server.name, EngineName(server.engine)),
              "write a comando that lists its databases, or a patron for files");
}

class Application {
 public:
  Application(catalogue::Catalogue& catalogue, const Config& config, const std::string& server, TimePoint now)
      : catalogue_(catalogue), config_(config), server_(server), now_(now) {}

  DiscoveryReport Run(const std::vector<sources::FoundDatabase>& found) {
    catalogue::Transaction transaction(catalogue_);
    (void)catalogue_.GetServer(server_);
    for (Company& company : catalogue_.ListCompanies()) companies_.emplace(company.id, std::move(company));
    for (Database& database : catalogue_.ListDatabases()) {
      databases_.emplace(std::pair(database.company, database.fiscal_year), std::move(database));
    }
    for (DatabaseState& state : catalogue_.ListDatabaseStates()) {
      states_.emplace(std::pair(state.company, state.fiscal_year), std::move(state));
    }
    std::set<Key> seen;
    for (const sources::FoundDatabase& one : found) {
      if (Take(one)) seen.insert({one.company, one.fiscal_year});
    }
    MarkVanished(seen, found.empty());
    transaction.Commit();
    return std::move(report_);
  }

 private:
  using Key = std::pair<std::string, int>;

  // False where it is left out: it is another server's.
  bool Take(const sources::FoundDatabase& found) {
    const auto company = companies_.find(found.company);
    if (company != companies_.end() && company->second.server != server_) {
      report_.remarks.push_back(fmt::format("company {} is registered on the server {}: {} is left out", found.company,
                                            company->second.server, found.fiscal_year));
      return false;
    }
    if (company == companies_.end()) AddCompany(found);
    const Key key{found.company, found.fiscal_year};
    const auto database = databases_.find(key);
    if (database == databases_.end()) {
      catalogue_.AddDatabase({.company = found.company, .fiscal_year = found.fiscal_year, .path = found.path}, now_);
      report_.added.push_back(found);
    } else if (database->second.path != found.path) {
      report_.remarks.push_back(fmt::format("company {} {} is registered as {} and listed as {}: it is left so",
                                            found.company, found.fiscal_year, database->second.path, found.path));
    }
    DatabaseState state = StateOf(key);
    if (state.vanished_at && database != databases_.end()) report_.returned.push_back(database->second);
    state.seen_at = now_;
    state.vanished_at.reset();
    catalogue_.PutDatabaseSighting(state);
    return true;
  }

  void AddCompany(const sources::FoundDatabase& found) {
    const Company company{.id = found.company,
                          .name = found.name.empty() ? found.company : found.name,
                          .server = server_,
                          .backup_time = config_.company.backup_time,
                          .space_limit_bytes = config_.company.space_limit_bytes};
    catalogue_.AddCompany(company);
    companies_.emplace(company.id, company);
  }

  DatabaseState StateOf(const Key& key) const {
    const auto state = states_.find(key);
    return state != states_.end() ? state->second : DatabaseState{.company = key.first, .fiscal_year = key.second};
  }

  void MarkVanished(const std::set<Key>& seen, bool nothing_listed) {
    for (auto& [key, state] : states_) {
      if (!state.seen_at || state.vanished_at || seen.contains(key)) continue;
      const auto company = companies_.find(key.first);
      const auto database = databases_.find(key);
      if (company == companies_.end() || company->second.server != server_ || database == databases_.end()) continue;
      if (nothing_listed) {
        throw Error(ErrorKind::kUsage, "nothing at all is listed on the server " + server_ + ", where there was before",
                    "look at its [[descubrimiento]]; nothing was changed");
      }
      state.vanished_at = now_;
      catalogue_.PutDatabaseSighting(state);
      report_.vanished.push_back(database->second);
    }
  }

  catalogue::Catalogue& catalogue_;
  const Config& config_;
  const std::string& server_;
  TimePoint now_;
  DiscoveryReport report_;
  std::map<std::string, Company> companies_;
  std::map<Key, Database> databases_;
  std::map<Key, DatabaseState> states_;
};

}  // namespace

DiscoveryReport ApplyListing(catalogue::Catalogue& catalogue, const Config& config, const std::string& server,
                             const std::vector<sources::FoundDatabase>& found, TimePoint now) {
  return Application(catalogue, config, server, now).Run(found);
}

DiscoveryReport Discover(Wiring& wiring, const DiscoveryConfig& how, const Observer& observer,
                         const std::stop_token& stop) {
  catalogue::Catalogue& catalogue = wiring.catalogue();
  const Server server = catalogue.GetServer(how.server);
  const auto found = Ask(wiring, server, how, stop);
  DiscoveryReport report = ApplyListing(catalogue, wiring.config(), server.name, found, wiring.clock().Now());
  const auto name = [&](const std::string& company) { return catalogue.GetCompany(company).name; };
  for (const sources::FoundDatabase& one : report.added) {
    observer.notify(DatabaseFound(one.company, name(one.company), one.fiscal_year, server.name));
  }
  for (const Database& one : report.returned) {
    observer.notify(DatabaseReturned(one.company, name(one.company), one.fiscal_year, server.name));
  }
  for (const Database& one : report.vanished) {
    observer.notify(DatabaseVanished(one.company, name(one.company), one.fiscal_year, server.name));
  }
  return report;
}

bool DiscoveryIsDue(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  if (config.service.discovery.empty()) return false;
  const auto zone = planner::TimeZone::Find(config.time_zone);
  const auto today = zone.DayOf(now);
  if (now < zone.BeginOf(today) + config.service.discovery_time) return false;
  return catalogue.GetFact(kLastDay) != planner::FormatDay(today);
}

void DiscoverAll(Wiring& wiring, const Observer& observer, const std::stop_token& stop) {
  const auto zone = planner::TimeZone::Find(wiring.config().time_zone);
  wiring.catalogue().PutFact(kLastDay, planner::FormatDay(zone.DayOf(wiring.clock().Now())));
  for (const DiscoveryConfig& how : wiring.config().service.discovery) {
    try {
      const DiscoveryReport report = Discover(wiring, how, observer, stop);
      Log(LogLevel::kInfo, "discovery_done",
          {{"server", how.server},
           {"added", std::to_string(report.added.size())},
           {"vanished", std::to_string(report.vanished.size())},
           {"returned", std::to_string(report.returned.size())}});
      for (const std::string& remark : report.remarks) {
        Log(LogLevel::kWarning, "discovery_remark", {{"server", how.server}, {"message", remark}});
      }
    } catch (const Error& error) {
      ThrowIfStopped(stop);
      Log(LogLevel::kError, "discovery_failed",
          {{"server", how.server}, {"error", error.what()}, {"hint", error.hint()}});
    }
  }
}

}  // namespace cofre::service
