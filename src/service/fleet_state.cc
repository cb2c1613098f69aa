#include "service/fleet_state.h"

#include <algorithm>
#include <map>
#include <utility>

namespace cofre::service {
namespace {

using planner::CompanyFacts;
using planner::DatabaseFacts;

class Reader {
 public:
  Reader(catalogue::Catalogue& catalogue, const Config& config, TimePoint now)
      : catalogue_(catalogue), config_(config), now_(now) {}

  FleetState Read() {
    const catalogue::Transaction one_moment(catalogue_);
    state_.fleet.zones.push_back(planner::TimeZone::Find(config_.time_zone));
    zones_[config_.time_zone] = 0;
    ReadServers();
    ReadCompanies();
    ReadDatabases();
    ReadBackups();
    return std::move(state_);
  }

 private:
  void ReadServers() {
    for (const Server& server : catalogue_.ListServers()) {
      servers_[server.name] = static_cast<uint32_t>(state_.fleet.servers.size());
      state_.fleet.servers.push_back({.name = server.name, .max_concurrent = server.max_concurrent});
    }
  }

  uint16_t Zone(const std::string& name) {
    if (name.empty() || !planner::TimeZone::IsKnown(name)) return 0;
    const auto [zone, is_new] = zones_.try_emplace(name, static_cast<uint16_t>(state_.fleet.zones.size()));
    if (is_new) state_.fleet.zones.push_back(planner::TimeZone::Find(name));
    return zone->second;
  }

  void ReadCompanies() {
    for (const Company& company : catalogue_.ListCompanies()) {
      companies_[company.id] = static_cast<uint32_t>(state_.companies.size());
      state_.companies.push_back(company.id);
      state_.fleet.companies.push_back({.key = planner::KeyOf(company.id),
                                        .server = servers_.at(company.server),
                                        .zone = Zone(company.time_zone),
                                        .backup_minute = static_cast<uint16_t>(company.backup_time.count()),
                                        .first_fiscal_month = static_cast<uint8_t>(config_.first_fiscal_month),
                                        .enabled = company.enabled});
    }
  }

  void ReadDatabases() {
    for (const Database& database : catalogue_.ListDatabases()) {
      const auto position = static_cast<uint32_t>(state_.fleet.databases.size());
      databases_[{companies_.at(database.company), database.fiscal_year}] = position;
      state_.fleet.databases.push_back(
          {.company = companies_.at(database.company), .fiscal_year = static_cast<int16_t>(database.fiscal_year)});
    }
  }

  void ReadBackups() {
    for (const Backup& backup : catalogue_.ListBackups()) {
      DatabaseFacts& database =
          state_.fleet.databases[databases_.at({companies_.at(backup.company), backup.fiscal_year})];
      if (backup.time > now_ + planner::kClockTolerance) continue;
      database.newest_backup = std::max(database.newest_backup, backup.time);
    }
  }

  catalogue::Catalogue& catalogue_;
  const Config& config_;
  TimePoint now_;
  FleetState state_;
  std::map<std::string, uint16_t> zones_;
  std::map<std::string, uint32_t> servers_;
  std::map<std::string, uint32_t> companies_;
  std::map<std::pair<uint32_t, int>, uint32_t> databases_;
};

}  // namespace

FleetState ReadFleet(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  return Reader(catalogue, config, now).Read();
}

}  // namespace cofre::service
