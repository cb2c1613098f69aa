#include "planner/simulation.h"

#include <algorithm>
#include <utility>

#include "planner/load.h"
#include "planner/planner.h"

namespace cofre::planner {
namespace {

// More than the planner asks for, so that they are still there after a clock was put back.
constexpr Duration kStartsKept = std::chrono::hours(3);

}  // namespace

FleetSimulation::FleetSimulation(Fleet fleet, Options options, TimePoint from, SimulationWatcher& watcher)
    : fleet_(std::move(fleet)),
      options_(std::move(options)),
      watcher_(watcher),
      random_(options_.seed),
      true_now_(from),
      health_(fleet_.servers.size()),
      backups_(fleet_.databases.size()) {
  fleet_.watching_since = from;
  for (uint32_t i = 0; i < fleet_.databases.size(); ++i) {
    if (const TimePoint newest = fleet_.databases[i].newest_backup; newest != kNoTime) backups_[i].push_back(newest);
  }
}

void FleetSimulation::RunFor(Duration length) {
  const TimePoint end = true_now_ + length;
  while (true_now_ < end) {
    Look();
    true_now_ = NextMoment(end);
    EndTasks();
  }
}

void FleetSimulation::Crash(Duration down) {
  true_now_ += down;
  std::vector<Task> interrupted;
  std::erase_if(tasks_, [&](const Task& task) {
    if (task.running) interrupted.push_back(task);
    return task.running;
  });
  for (const Task& task : interrupted) End(task, Outcome::kInterrupted);
}

void FleetSimulation::SetClock(Duration forward) { clock_error_ += forward; }

void FleetSimulation::Look() {
  const TimePoint now = Now();
  if (last_look_ != kNoTime) {
    fleet_.watching_since = WatchingSince(fleet_.watching_since, last_look_, next_event_, now, options_.policy);
  }
  for (const uint32_t database : std::exchange(ahead_, {})) SetNewest(database);
  std::erase_if(fleet_.refresh_starts, [&](TimePoint start) { return start < now - kStartsKept; });
  for (size_t i = 0; i < health_.size(); ++i) {
    fleet_.servers[i].paused_until = health_[i].paused_until;
    fleet_.servers[i].failing = health_[i].failing();
    fleet_.servers[i].recovered_at = health_[i].recovered_at;
  }
  DescribeJobs();
  const Plan plan = MakePlan(fleet_, options_.policy, now);
  watcher_.Planned(plan, fleet_);
  Admit(plan);
  StartTasks();
  last_look_ = now;
  next_event_ = plan.next_event;
}

void FleetSimulation::DescribeJobs() {
  fleet_.jobs.clear();
  for (const Task& task : tasks_) {
    fleet_.jobs.push_back({.company = fleet_.databases[task.database].company,
                           .database = task.database,
                           .running = task.running,
                           .batch = task.entry.batch});
  }
}

void FleetSimulation::Admit(const Plan& plan) {
  for (const uint32_t database : plan.run) {
    const PlanEntry& entry = plan.entries[database];
    if (entry.priority == JobPriority::kRefresh) fleet_.refresh_starts.push_back(plan.made_at);
    if (entry.batch > fleet_.batch) {
      fleet_.batch = entry.batch;
      fleet_.batch_admitted = 0;
    }
    if (entry.batch != 0) ++fleet_.batch_admitted;
    tasks_.push_back({.database = database, .entry = entry});
  }
}

bool FleetSimulation::MayStart(const Task& task) const {
  const auto server_of = [&](const Task& it) { return fleet_.companies[fleet_.databases[it.database].company].server; };
  const uint32_t server = server_of(task);
  size_t running = 0;
  size_t on_server = 0;
  for (const Task& it : tasks_) {
    if (!it.running) continue;
    ++running;
    if (server_of(it) == server) ++on_server;
  }
  const ServerFacts& facts = fleet_.servers[server];
  const size_t limit = facts.failing ? 1 : facts.max_concurrent;
  return !fleet_.paused && !IsPaused(facts, Now()) && running < options_.workers && on_server < limit;
}

void FleetSimulation::StartTasks() {
  for (const JobPriority priority : {JobPriority::kScheduled, JobPriority::kRefresh}) {
    for (Task& task : tasks_) {
      if (task.running || task.entry.priority != priority || !MayStart(task)) continue;
      const SimulatedJob job = options_.job ? options_.job(task.database, Now(), random_) : SimulatedJob{};
      task.running = true;
      task.started = Now();
      task.true_end = true_now_ + std::max<Duration>(job.length, std::chrono::seconds(1));
      task.outcome = job.outcome;
      watcher_.Started(task.database, task.entry, Now(),
                       static_cast<size_t>(std::ranges::count(tasks_, true, &Task::running)));
    }
  }
}

// The planner's next moment, the end of a job, or the end of the run.
TimePoint FleetSimulation::NextMoment(TimePoint end) const {
  TimePoint next = end;
  if (next_event_) next = std::min(next, *next_event_ - clock_error_);
  for (const Task& task : tasks_) {
    if (task.running) next = std::min(next, task.true_end);
  }
  return std::max(next, true_now_);
}

void FleetSimulation::EndTasks() {
  std::vector<Task> ended;
  std::erase_if(tasks_, [&](const Task& task) {
    const bool ends = task.running && task.true_end <= true_now_;
    if (ends) ended.push_back(task);
    return ends;
  });
  for (const Task& task : ended) {
    NoteHealth(fleet_.companies[fleet_.databases[task.database].company].server, task.outcome, task.entry.attempt);
    End(task, task.outcome);
  }
}

void FleetSimulation::End(const Task& task, Outcome outcome) {
  DatabaseFacts& database = fleet_.databases[task.database];
  database.outcome = outcome;
  database.attempt = task.entry.attempt;
  database.attempt_started = task.started;
  database.attempt_ended = Now();
  if (outcome == Outcome::kDone) {
    if (task.entry.priority == JobPriority::kScheduled) {
      database.scheduled_day = static_cast<int32_t>(task.entry.day.time_since_epoch().count());
    }
    Keep(task.database, task.started);
  }
  watcher_.Ended(task.database, task.entry, outcome, Now(), backups_[task.database]);
}

void FleetSimulation::Keep(uint32_t database, TimePoint backup) {
  std::vector<TimePoint>& backups = backups_[database];
  backups.push_back(backup);
  const DatabaseFacts& facts = fleet_.databases[database];
  const CompanyFacts& company = fleet_.companies[facts.company];
  const TimeZone& zone = fleet_.zones[company.zone];
  std::vector<RetentionBackup> described;
  described.reserve(backups.size());
  for (const TimePoint time : backups) described.push_back({.time = time});
  const bool is_current =
      IsCurrentFiscalYear(facts.fiscal_year, CurrentFiscalYear(Now(), zone, company.first_fiscal_month));
  const auto decisions = DecideRetention(described, is_current, Now(), zone, options_.retention);
  std::vector<TimePoint> kept;
  for (size_t i = 0; i < backups.size(); ++i) {
    if (decisions[i].keep) kept.push_back(backups[i]);
  }
  backups = kept;
  SetNewest(database);
}

void FleetSimulation::SetNewest(uint32_t database) {
  TimePoint newest = kNoTime;
  bool is_ahead = false;
  for (const TimePoint backup : backups_[database]) {
    if (backup > Now() + kClockTolerance) {
      is_ahead = true;
    } else {
      newest = std::max(newest, backup);
    }
  }
  fleet_.databases[database].newest_backup = newest;
  if (is_ahead) ahead_.push_back(database);
}

void FleetSimulation::NoteHealth(uint32_t server, Outcome outcome, int attempt) {
  HealthChange change{.health = health_[server]};
  if (outcome == Outcome::kDone) {
    change = AfterSuccess(health_[server], Now());
  } else if (outcome == Outcome::kTransient) {
    change = AfterFailure(health_[server], Now(), options_.policy.server_pause, attempt);
  }
  health_[server] = change.health;
  if (change.event != HealthEvent::kNone) watcher_.ServerChanged(server, change.event, Now());
}

}  // namespace cofre::planner
