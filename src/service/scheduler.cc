#include "service/scheduler.h"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "planner/planner.h"
#include "service/fleet_mirror.h"
#include "service/fleet_state.h"
#include "service/maintenance.h"
#include "service/requeue.h"

namespace cofre::service {
namespace {

constexpr const char* kLastLook = "plan.last_look";
constexpr const char* kNextEvent = "plan.next_event";
constexpr size_t kAllJobs = INT64_MAX;
constexpr std::chrono::seconds kSoon(1);

std::optional<TimePoint> ReadTime(catalogue::Catalogue& catalogue, const char* fact) {
  const auto text = catalogue.GetFact(fact);
  return text ? ParseTime(*text) : std::nullopt;
}

void DropUnwanted(catalogue::Catalogue& catalogue, TimePoint now) {
  for (const Job& job : catalogue.ListJobs({.kind = JobKind::kBackup, .state = JobState::kQueued}, kAllJobs)) {
    if (job.reason == JobReason::kManual) continue;
    const auto company = catalogue.FindCompany(job.company);
    if (company && !company->enabled) {
      catalogue.CancelQueuedJob(job.id, now, "the company's backups were disabled");
    }
  }
}

// Since when somebody has watched, with this look.
void NoteWatch(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  const auto last = ReadTime(catalogue, kLastLook);
  const auto before = ReadTime(catalogue, kWatchingSinceFact);
  const TimePoint since =
      last && before ? planner::WatchingSince(*before, *last, ReadTime(catalogue, kNextEvent), now, config.policy)
                     : now;
  if (!before || since != *before) catalogue.PutFact(kWatchingSinceFact, FormatTime(since));
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

// What has come up since the fleet was read; what the plan says of it counts no more.
class Latecomers {
 public:
  Latecomers(catalogue::Catalogue& catalogue, const FleetMirror& mirror) {
    const auto changes = catalogue.ListCompanyChanges(mirror.version());
    companies_.insert(changes.companies.begin(), changes.companies.end());
    std::set<int64_t> known;
    for (const Job& job : mirror.queued()) known.insert(job.id);
    for (const Job& job : mirror.running()) known.insert(job.id);
    for (const JobState state : {JobState::kQueued, JobState::kRunning}) {
      for (const Job& job : catalogue.ListJobs({.state = state}, kAllJobs)) {
        if (!known.contains(job.id)) companies_.insert(job.company);
      }
    }
  }

  bool Contain(const std::string& company) const { return companies_.contains(company); }

 private:
  std::set<std::string> companies_;
};

// Puts into the queue what the plan says to run.
void QueueBackups(catalogue::Catalogue& catalogue, const FleetMirror& mirror, Look& look) {
  const Latecomers latecomers(catalogue, mirror);
  for (const uint32_t position : look.plan.run) {
    const Job job = JobOf(mirror.state(), look.plan, position);
    if (latecomers.Contain(job.company)) {
      look.next = look.plan.made_at + kSoon;
      continue;
    }
    catalogue.EnqueueJob(job);
    ++look.queued;
  }
  if (look.queued > 0) Log(LogLevel::kInfo, "backups_queued", {{"count", std::to_string(look.queued)}});
}

// What must be as it is now before the fleet is read.
void Tidy(catalogue::Catalogue& catalogue, const Config& config, TimePoint now, const Processes& processes,
          const std::function<void()>& require_lease) {
  catalogue::Transaction transaction(catalogue);
  require_lease();
  EndAbandonedJobs(catalogue, now, processes);
  DropUnwanted(catalogue, now);
  NoteWatch(catalogue, config, now);
  transaction.Commit();
}

// What came of the look, all of it or nothing.
void StoreLook(catalogue::Catalogue& catalogue, const Config& config, const FleetMirror& mirror, TimePoint now,
               Look& look, const std::function<void()>& require_lease) {
  catalogue::Transaction transaction(catalogue);
  require_lease();
  for (const DatabaseState& state : mirror.operator_changes()) catalogue.PutDatabaseChange(state);
  QueueBackups(catalogue, mirror, look);
  QueueMaintenance(catalogue, mirror, config, now);
  catalogue.PutFact(kLastLook, FormatTime(now));
  catalogue.PutFact(kNextEvent, look.next ? FormatTime(*look.next) : "");
  transaction.Commit();
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

Processes ProcessesOf(const Config& config) {
  Processes processes;
  if (catalogue::IsShared(config.catalogue)) processes.lives = [](const std::string&) { return false; };
  return processes;
}

Look LookAround(catalogue::Catalogue& catalogue, const Config& config, FleetMirror& mirror, TimePoint now,
                const Processes& processes, const std::function<void()>& require_lease) try {
  Tidy(catalogue, config, now, processes, require_lease);
  {
    catalogue::Transaction moment(catalogue, catalogue::Access::kRead);
    mirror.Refresh(catalogue, config, now);
    moment.Commit();
  }
  Look look{.plan = planner::MakePlan(mirror.state().fleet, config.policy, now)};
  look.next = look.plan.next_event;
  StoreLook(catalogue, config, mirror, now, look, require_lease);
  ForgetHistory(catalogue, config, now);
  return look;
} catch (...) {
  mirror.Forget();  // it may know of changes that were not stored
  throw;
}

}  // namespace cofre::service
