#include "service/job_runner.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "engine/backup_job.h"
#include "engine/company_state.h"
#include "engine/drill_job.h"
#include "engine/prune_job.h"
#include "engine/verify_job.h"
#include "planner/server_health.h"
#include "service/ready_databases.h"
#include "service/requeue.h"
#include "service/store_health.h"
#include "service/watched_source.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

constexpr auto kBusyPause = 1min;
constexpr auto kCatalogueTry = 5s;

class Runner {
 public:
  Runner(ActiveJob& active, const Observer& observer, std::stop_token give_up)
      : active_(active), job_(active.job()), observer_(observer), give_up_(std::move(give_up)) {}

  void Run() {
    Log(LogLevel::kInfo, "job_started",
        {{"job", std::to_string(job_.id)},
         {"kind", KindName()},
         {"company", job_.company},
         {"year", std::to_string(job_.fiscal_year)}});
    const ProgressBoard::Entry shown = Show();
    try {
      Perform();
    } catch (const Error& error) {
      NoteError(error.kind(), error.what(), error.hint());
    } catch (const std::exception& error) {
      NoteError(ErrorKind::kPermanent, error.what(), "");
    }
    StoreEnd();
  }

 private:
  std::string KindName() const { return std::string(JobKindName(job_.kind)); }
  Clock& clock() const { return active_.wiring().clock(); }
  catalogue::Catalogue& catalogue() const { return active_.wiring().catalogue(); }

  void Perform() {
    engine::Context context = active_.wiring().engine();
    context.row = &row_;
    context.require_claim = [this] { catalogue().RequireClaim(job_.id, job_.token); };
    context.make_source = [make = context.make_source, failure = source_failure_](const Server& server,
                                                                                  const Database& database) {
      return Watch(make(server, database), failure);
    };
    switch (job_.kind) {
      case JobKind::kBackup:
        return BackUp(context);
      case JobKind::kVerify:
        (void)engine::RunVerify(context, job_.company, {.read_data = true, .bytes_read = &active_.checked()},
                                active_.stop());
        return;
      case JobKind::kPrune:
        (void)engine::RunPrune(context, job_.company, {}, active_.stop());
        return;
      case JobKind::kDrill:
        drill_ =
            engine::RunDrill(context, job_.company, job_.fiscal_year, active_.wiring().config().service.scratch_folder,
                             &active_.restored(), active_.stop());
        return;
      case JobKind::kExport:
        return MakeReadyDatabase(active_.wiring().config(), context, job_, active_.progress().bytes_read,
                                 active_.stop());
      case JobKind::kRestore:
        throw Error(ErrorKind::kPermanent, "jobs of the kind " + KindName() + " are not done from the queue");
    }
  }

  ProgressBoard::Entry Show() {
    const uint64_t expected = ExpectedBytes();
    return {*active_.wiring().progress(), job_.id, [this, expected] {
              const uint64_t restored = active_.restored().bytes_total;
              return JobProgress{.bytes = active_.bytes(), .expected_bytes = restored > 0 ? restored : expected};
            }};
  }

  // As many as the last time, for want of better knowledge.
  uint64_t ExpectedBytes() const {
    try {
      if (job_.kind == JobKind::kVerify) {
        const auto state = catalogue().FindCompanyState(job_.company);
        return state ? state->stored_bytes.value_or(0) : 0;
      }
      if (job_.kind != JobKind::kBackup) return 0;
      const auto backups = catalogue().ListBackups({.company = job_.company, .fiscal_year = job_.fiscal_year});
      return backups.empty() ? 0 : backups.front().dump_bytes;
    } catch (const Error&) {
      return 0;  // the job will meet it too
    }
  }

  void BackUp(const engine::Context& context) {
    backup_ = engine::RunBackup(context,
                                {.company = job_.company,
                                 .fiscal_year = job_.fiscal_year,
                                 .reason = job_.reason,
                                 .pinned_until = job_.pinned_until},
                                &active_.progress(), active_.stop());
  }

  // The job's own record knows already, unless it never came to have one.
  void NoteError(ErrorKind kind, const std::string& message, const std::string& hint) {
    if (row_.begun) return;
    row_.outcome.ended = clock().Now();
    row_.outcome.state = kind == ErrorKind::kCancelled ? JobState::kInterrupted : JobState::kFailed;
    if (kind != ErrorKind::kCancelled) row_.outcome.error_kind = ErrorKindName(kind);
    row_.outcome.message = hint.empty() ? message : message + " (" + hint + ")";
    busy_ = kind == ErrorKind::kTransient;
  }

  void StoreEnd() {
    while (true) {
      try {
        Store();
        break;
      } catch (const Error& error) {
        const bool ours = error.kind() != ErrorKind::kNotFound;
        Log(LogLevel::kError, ours ? "job_not_recorded" : "job_lost_to_another_process",
            {{"job", std::to_string(job_.id)}, {"error", error.what()}});
        if (!ours || give_up_.stop_requested()) return;
      }
      clock().SleepFor(kCatalogueTry, give_up_);
    }
    // Not before the transaction is over: whoever is told may wait for the catalogue with a lock of his own.
    if (!busy_) return TellEnd();
    Log(LogLevel::kInfo, "job_put_back",
        {{"job", std::to_string(job_.id)}, {"company", job_.company}, {"reason", row_.outcome.message}});
  }

  // By itself: it holds whosever the job is by now.
  void StoreDoubt() {
    if (!row_.doubt_since) return;
    if (catalogue().FindCompany(job_.company)) {
      engine::UpdateCompanyState(active_.wiring().engine(), job_.company,
                                 [this](CompanyState& state) { state.doubt_since = row_.doubt_since; });
    }
    row_.doubt_since.reset();
  }

  void Store() {
    StoreDoubt();
    catalogue::Transaction transaction(catalogue());
    if (busy_) {
      catalogue().RequeueJob(job_.id, job_.token, clock().Now() + kBusyPause);
    } else {
      catalogue().FinishJob(job_.id, row_.outcome, job_.token);
      told_ = {NoteServer(), NoteStoreOf()};
      if (row_.outcome.state == JobState::kInterrupted) RequeueInterrupted(catalogue(), job_, clock().Now());
      if (row_.outcome.state == JobState::kFailed) {
        RequeueFailed(catalogue(), job_, row_.outcome, active_.wiring().config().policy.retry);
      }
    }
    transaction.Commit();
  }

  // What a backup's end says of its server.
  std::optional<Event> NoteServer() {
    const bool done = row_.outcome.state == JobState::kDone;
    const bool failed = row_.outcome.state == JobState::kFailed && *source_failure_;
    if (job_.kind != JobKind::kBackup || (!done && !failed)) return std::nullopt;
    const std::optional<Company> company = catalogue().FindCompany(job_.company);
    if (!company) return std::nullopt;  // removed meanwhile
    const std::string& server = company->server;
    ServerState state = catalogue().FindServerState(server).value_or(ServerState{.server = server});
    if (done && state.failures == 0 && state.pauses == 0) return std::nullopt;
    const planner::ServerHealth health{.failures = state.failures,
                                       .pauses = state.pauses,
                                       .paused_until = state.paused_until.value_or(kNoTime),
                                       .recovered_at = state.recovered_at.value_or(kNoTime)};
    const TimePoint now = clock().Now();
    const planner::HealthChange change =
        done ? planner::AfterSuccess(health, now)
             : planner::AfterFailure(health, now, active_.wiring().config().policy.server_pause, job_.attempt);
    const auto known = [](TimePoint time) { return time == kNoTime ? std::nullopt : std::optional(time); };
    state.failures = change.health.failures;
    state.pauses = change.health.pauses;
    state.paused_until = known(change.health.paused_until);
    state.recovered_at = known(change.health.recovered_at);
    if (done) state.failing_since.reset();
    if (failed && !state.failing_since) state.failing_since = now;
    state.last_error = failed ? row_.outcome.message : "";
    catalogue().PutServerState(state);
    if (change.event == planner::HealthEvent::kDown) return ServerDown(server, row_.outcome.message);
    if (change.event == planner::HealthEvent::kBack) return ServerUp(server);
    return std::nullopt;
  }

  std::optional<Event> NoteStoreOf() {
    const bool done = row_.outcome.state == JobState::kDone;
    const bool failed = row_.outcome.error_kind == ErrorKindName(ErrorKind::kTransient) && !*source_failure_;
    if (job_.kind != JobKind::kBackup || (!done && !failed)) return std::nullopt;
    return NoteStore(active_.wiring(), failed ? &row_.outcome.message : nullptr);
  }

  void TellEnd() {
    for (const std::optional<Event>& event : told_) {
      if (event) observer_.notify(*event);
    }
    try {
      observer_.job_ended(catalogue().GetJob(job_.id));
      if (row_.outcome.state == JobState::kInterrupted) return;
      const Company company = catalogue().GetCompany(job_.company);
      if (drill_) {
        observer_.notify(drill_->problem.empty()
                             ? DrillPassed(company.id, company.name, job_.fiscal_year)
                             : DrillFailed(company.id, company.name, job_.fiscal_year, drill_->problem));
      }
      if (job_.kind != JobKind::kBackup) return;
      if (row_.outcome.state == JobState::kDone) {
        observer_.notify(BackupDone(company.id, company.name, job_.fiscal_year, company.server));
        if (backup_ && backup_->space.limit_bytes > 0) {
          observer_.notify(SpaceUsed(company.id, company.name, backup_->space.used_bytes, backup_->space.limit_bytes,
                                     active_.wiring().config().notify.space));
        }
        return;
      }
      // What is tried again soon is no news yet.
      if (IsTriedAgain(job_, row_.outcome.error_kind, active_.wiring().config().policy.retry)) return;
      observer_.notify(BackupFailed(company.id, company.name, job_.fiscal_year, company.server, row_.outcome.message));
    } catch (const Error& error) {
      Log(LogLevel::kWarning, "job_not_told", {{"job", std::to_string(job_.id)}, {"error", error.what()}});
    }
  }

  ActiveJob& active_;
  const Job& job_;
  const Observer& observer_;
  std::stop_token give_up_;
  engine::KeptRow row_;
  SourceFailure source_failure_ = std::make_shared<std::atomic<bool>>(false);
  std::optional<engine::BackupOutcome> backup_;
  std::optional<engine::DrillOutcome> drill_;
  std::array<std::optional<Event>, 2> told_;
  bool busy_ = false;
};

}  // namespace

void ActiveJob::Renew(TimePoint lease_until) {
  if (wiring_->catalogue().RenewJob(job_.id, job_.token, lease_until, bytes())) return;
  // Ended meanwhile, which is fine, or somebody took it for dead.
  Cancel();
}

void RunJob(ActiveJob& active, const Observer& observer, const std::stop_token& give_up) {
  Runner(active, observer, give_up).Run();
}

}  // namespace cofre::service
