#include "service/scheduler.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "planner/planner.h"
#include "service/fleet_state.h"
#include "service/maintenance.h"

namespace cofre::service {
namespace {

constexpr const char* kLastLook = "plan.last_look";
constexpr const char* kNextEvent = "plan.next_event";
constexpr int kMostAttempts = 3;

std::optional<TimePoint> ReadTime(catalogue::Catalogue& catalogue, const char* fact) {
  const auto text = catalogue.GetFact(fact);
  return text ? ParseTime(*text) : std::nullopt;
}

// What would make a failed backup worth another try at once.
uint64_t FingerprintOf(const Server& server, const Company& company, const Database& database) {
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", server.name, EngineName(server.engine), server.host, server.port,
                  server.user, server.password_file, company.enabled, company.space_limit_bytes);
  text += database.path + "\n";
  for (const std::string& argument : database.command) text += argument + "\n";
  return planner::KeyOf(text);
}

void NoteChanges(catalogue::Catalogue& catalogue, TimePoint now) {
  catalogue::Transaction one_moment(catalogue);
  std::map<std::string, Server> servers;
  for (Server& server : catalogue.ListServers()) servers[server.name] = std::move(server);
  std::map<std::string, Company> companies;
  for (Company& company : catalogue.ListCompanies()) companies[company.id] = std::move(company);
  std::map<std::pair<std::string, int>, DatabaseState> states;
  for (DatabaseState& state : catalogue.ListDatabaseStates()) {
    states[{state.company, state.fiscal_year}] = std::move(state);
  }
  for (const Database& database : catalogue.ListDatabases()) {
    const Company& company = companies.at(database.company);
    const uint64_t fingerprint = FingerprintOf(servers.at(company.server), company, database);
    DatabaseState& state = states[{database.company, database.fiscal_year}];
    if (state.fingerprint == fingerprint) continue;
    if (state.fingerprint != 0) state.changed_at = now;
    state.fingerprint = fingerprint;
    catalogue.PutDatabaseChange(state);
  }
  one_moment.Commit();
}

void DropUnwanted(catalogue::Catalogue& catalogue, TimePoint now) {
  const std::vector<Job> queued = catalogue.ListJobs({.state = JobState::kQueued}, SIZE_MAX);
  if (queued.empty()) return;
  std::set<std::string> disabled;
  for (const Company& company : catalogue.ListCompanies()) {
    if (!company.enabled) disabled.insert(company.id);
  }
  for (const Job& job : queued) {
    if (job.kind != JobKind::kBackup || job.reason == JobReason::kManual || !disabled.contains(job.company)) continue;
    catalogue.CancelQueuedJob(job.id, now, "the company's backups were disabled");
  }
}

// Since when somebody has watched, with this look.
void NoteLook(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  const auto last = ReadTime(catalogue, kLastLook);
  const auto before = ReadTime(catalogue, kWatchingSinceFact);
  const TimePoint since =
      last && before ? planner::WatchingSince(*before, *last, ReadTime(catalogue, kNextEvent), now, config.policy)
                     : now;
  if (!before || since != *before) catalogue.PutFact(kWatchingSinceFact, FormatTime(since));
  catalogue.PutFact(kLastLook, FormatTime(now));
}

Job JobOf(const FleetState& state, const Plan& plan, uint32_t position) {
  const PlanEntry& entry = plan.entries[position];
  const planner::DatabaseFacts& database = state.fleet.databases[position];
  Job job{.kind = JobKind::kBackup,
          .reason = entry.priority == JobPriority::kRefresh ? JobReason::kRefresh : JobReason::kScheduled,
          .company = state.companies[database.company],
          .fiscal_year = database.fiscal_year,
          .priority = static_cast<int>(entry.priority),
          .batch = entry.batch,
          .attempt = entry.attempt,
          .queued = plan.made_at,
          .late = entry.late};
  if (entry.due != kNoTime) job.due = entry.due;
  if (entry.priority == JobPriority::kScheduled) {
    job.scheduled_day = static_cast<int>(entry.day.time_since_epoch().count());
  }
  return job;
}

}  // namespace

void EndAbandonedJobs(catalogue::Catalogue& catalogue, TimePoint now, const Processes& processes) {
  for (const Job& job : catalogue.MarkRunningJobsInterrupted(processes.may_live, now, processes.lives)) {
    Log(LogLevel::kWarning, "job_interrupted",
        {{"job", std::to_string(job.id)},
         {"kind", std::string(JobKindName(job.kind))},
         {"company", job.company},
         {"year", std::to_string(job.fiscal_year)},
         {"process", job.owner}});
    RequeueInterrupted(catalogue, job, now);
  }
}

void RequeueInterrupted(catalogue::Catalogue& catalogue, const Job& job, TimePoint now) {
  if (job.kind != JobKind::kBackup || job.reason != JobReason::kManual || job.token == 0) return;
  if (job.attempt >= kMostAttempts || !catalogue.FindCompany(job.company)) return;
  Job again = job;
  ++again.attempt;
  again.queued = now;
  again.not_before = now;
  catalogue.EnqueueJob(again);
}

Look LookAround(catalogue::Catalogue& catalogue, const Config& config, TimePoint now, const Processes& processes) {
  Look look;
  catalogue::Transaction transaction(catalogue);
  EndAbandonedJobs(catalogue, now, processes);
  NoteChanges(catalogue, now);
  DropUnwanted(catalogue, now);
  NoteLook(catalogue, config, now);
  const FleetState state = ReadFleet(catalogue, config, now);
  look.plan = planner::MakePlan(state.fleet, config.policy, now);
  for (const uint32_t position : look.plan.run) catalogue.EnqueueJob(JobOf(state, look.plan, position));
  look.queued = look.plan.run.size();
  look.next = look.plan.next_event;
  catalogue.PutFact(kNextEvent, look.next ? FormatTime(*look.next) : "");
  QueueMaintenance(catalogue, config, now);
  transaction.Commit();
  if (look.queued > 0) Log(LogLevel::kInfo, "backups_queued", {{"count", std::to_string(look.queued)}});
  return look;
}

}  // namespace cofre::service
