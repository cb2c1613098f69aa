#include "planner/load.h"

#include <algorithm>

namespace cofre::planner {
namespace {

void Require(bool holds, const char* what) {
  if (!holds) throw Error(ErrorKind::kPermanent, std::string("the planner was given a fleet with ") + what);
}

// What the passes after this one index with.
void RequireInRange(const Fleet& fleet) {
  Require(!fleet.zones.empty(), "no time zone of the service");
  for (const CompanyFacts& company : fleet.companies) {
    Require(company.server < fleet.servers.size(), "a company on no server");
    Require(company.zone < fleet.zones.size(), "a company in no zone");
    Require(company.backup_minute < 24 * 60, "a backup time outside of the day");
    Require(company.first_fiscal_month >= 1 && company.first_fiscal_month <= 12, "a fiscal year that never begins");
  }
  const size_t companies = fleet.companies.size();
  Require(std::ranges::all_of(fleet.databases, [&](const DatabaseFacts& it) { return it.company < companies; }),
          "a database of no company");
  Require(std::ranges::all_of(fleet.jobs,
                              [&](const JobFacts& job) {
                                return job.company < companies && (job.database == JobFacts::kAllDatabases ||
                                                                   job.database < fleet.databases.size());
                              }),
          "a job of no company");
}

}  // namespace

bool IsPaused(const ServerFacts& server, TimePoint now) { return server.paused_by_user || server.paused_until > now; }

std::optional<PlanReason> Obstacle(const Fleet& fleet, const Load& load, uint32_t database) {
  const uint32_t company = fleet.databases[database].company;
  const uint32_t server = fleet.companies[company].server;
  if (load.companies[company] != Load::Mark::kNone) return PlanReason::kCompanyBusy;
  if (fleet.servers[server].failing && load.server_jobs[server] > 0) return PlanReason::kServerProbed;
  return std::nullopt;
}

void Admit(const Fleet& fleet, uint32_t database, Load& load) {
  const uint32_t company = fleet.databases[database].company;
  load.companies[company] = Load::Mark::kQueued;
  ++load.server_jobs[fleet.companies[company].server];
}

Load LoadOf(const Fleet& fleet, TimePoint now) {
  RequireInRange(fleet);
  Load load;
  load.databases.resize(fleet.databases.size());
  load.companies.resize(fleet.companies.size());
  load.server_jobs.resize(fleet.servers.size());
  load.server_waiting.resize(fleet.servers.size());
  for (const JobFacts& job : fleet.jobs) {
    const Load::Mark mark = job.running ? Load::Mark::kRunning : Load::Mark::kQueued;
    Load::Mark& company = load.companies[job.company];
    company = std::max(company, mark);
    if (job.database != JobFacts::kAllDatabases) {
      load.databases[job.database] = std::max(load.databases[job.database], mark);
    }
    const uint32_t server = fleet.companies[job.company].server;
    ++load.server_jobs[server];
    if (!job.running) ++load.server_waiting[server];
    if (job.batch != 0 && (job.running || !IsPaused(fleet.servers[server], now))) ++load.batch_jobs;
  }
  return load;
}

}  // namespace cofre::planner
