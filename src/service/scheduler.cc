#include "service/scheduler.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "planner/planner.h"
#include "service/fleet_rows.h"
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

void NoteChanges(catalogue::Catalogue& catalogue, FleetRows& rows, TimePoint now) {
  std::map<std::string_view, const Server*> servers;
  for (const Server& server : rows.servers) servers[server.name] = &server;
  std::map<std::string_view, const Company*> companies;
  for (const Company& company : rows.companies) companies[company.id] = &company;
  for (size_t i = 0; i < rows.databases.size(); ++i) {
    const Database& database = rows.databases[i];
    const Company& company = *companies.at(database.company);
    const uint64_t fingerprint = FingerprintOf(*servers.at(company.server), company, database);
    DatabaseState& state = rows.database_states[i];
    if (state.fingerprint == fingerprint) continue;
    if (state.fingerprint != 0) state.changed_at = now;
    state.fingerprint = fingerprint;
    catalogue.PutDatabaseChange(state);
  }
}

void DropUnwanted(catalogue::Catalogue& catalogue, FleetRows& rows, TimePoint now) {
  std::set<std::string_view> disabled;
  for (const Company& company : rows.companies) {
    if (!company.enabled) disabled.insert(company.id);
  }
  std::erase_if(rows.queued, [&](const Job& job) {
    const bool by_itself = job.kind == JobKind::kBackup && job.reason != JobReason::kManual;
    if (!by_itself || !disabled.contains(job.company)) return false;
    catalogue.CancelQueuedJob(job.id, now, "the company's backups were disabled");
    return true;
  });
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

Processes ProcessesOf(const Config& config) {
  Processes processes;
  if (catalogue::IsShared(config.catalogue)) processes.lives = [](const std::string&) { return false; };
  return processes;
}

Look LookAround(catalogue::Catalogue& catalogue, const Config& config, TimePoint now, const Processes& processes,
                const std::function<void()>& require_lease) {
  Look look;
  catalogue::Transaction transaction(catalogue);
  require_lease();
  EndAbandonedJobs(catalogue, now, processes);
  FleetRows rows = ReadRows(catalogue, now);
  NoteChanges(catalogue, rows, now);
  DropUnwanted(catalogue, rows, now);
  NoteLook(catalogue, config, now);
  const FleetState state = MakeFleet(catalogue, rows, config, now);
  look.plan = planner::MakePlan(state.fleet, config.policy, now);
  for (const uint32_t position : look.plan.run) catalogue.EnqueueJob(JobOf(state, look.plan, position));
  look.queued = look.plan.run.size();
  look.next = look.plan.next_event;
  catalogue.PutFact(kNextEvent, look.next ? FormatTime(*look.next) : "");
  QueueMaintenance(catalogue, rows, config, now);
  transaction.Commit();
  ForgetHistory(catalogue, config, now);
  if (look.queued > 0) Log(LogLevel::kInfo, "backups_queued", {{"count", std::to_string(look.queued)}});
  return look;
}

}  // namespace cofre::service
