#include "cli/handed_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/error.h"
#include "base/stop.h"
#include "cli/progress.h"
#include "model/plan.h"
#include "service/fleet_nodes.h"
#include "service/wake.h"

namespace cofre::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 200ms;
constexpr int kLooksPerServiceCheck = 25;

ErrorKind KindOf(const std::string& name) {
  for (const ErrorKind kind : {ErrorKind::kTransient, ErrorKind::kPermanent, ErrorKind::kNotFound, ErrorKind::kAuth,
                               ErrorKind::kQuota, ErrorKind::kCorrupt, ErrorKind::kUsage}) {
    if (ErrorKindName(kind) == name) return kind;
  }
  return ErrorKind::kTransient;
}

// The service tries again what may go better then.
std::string HintOf(Session& session, const Job& job) {
  const auto again = session.catalogue().ListJobs(
      {.company = job.company, .fiscal_year = job.fiscal_year, .kind = JobKind::kBackup, .state = JobState::kQueued},
      1);
  if (again.empty()) return "";
  const auto wait = std::chrono::ceil<std::chrono::minutes>(again.front().not_before - session.clock().Now());
  return fmt::format("the service tries again in {} min", std::max<int64_t>(wait.count(), 0));
}

bool HasEnded(const Job& job) { return job.state != JobState::kQueued && job.state != JobState::kRunning; }

engine::BackupOutcome OutcomeOf(Session& session, const Job& job) {
  if (job.state == JobState::kInterrupted) {
    throw Error(ErrorKind::kTransient, job.message.empty() ? "the service was stopped in the middle" : job.message,
                "the next service does it again");
  }
  if (job.state == JobState::kFailed) throw Error(KindOf(job.error_kind), job.message, HintOf(session, job));
  engine::BackupOutcome outcome;
  outcome.backup = session.catalogue().FindBackup(job.snapshot_id);
  outcome.unchanged = outcome.backup.new_bytes == 0;
  outcome.added_bytes = job.stored_bytes;
  outcome.warning = job.message;
  return outcome;
}

}  // namespace

bool ServiceRuns(Session& session) {
  return service::RunningService(session.catalogue(), session.clock().Now()).has_value();
}

int64_t HandOver(Session& session, const engine::BackupOrder& order) {
  const TimePoint now = session.clock().Now();
  return session.catalogue().EnqueueJob({.kind = JobKind::kBackup,
                                         .reason = JobReason::kManual,
                                         .company = order.company,
                                         .fiscal_year = order.fiscal_year,
                                         .priority = static_cast<int>(JobPriority::kManual),
                                         .queued = now,
                                         .not_before = now,
                                         .pinned_until = order.pinned_until});
}

void WakeService(Session& session) { service::Wake(session.config().state_directory); }

engine::BackupOutcome AwaitHandedOver(Session& session, int64_t id, const std::string& label) {
  std::atomic<uint64_t> bytes{0};
  Job job;
  {
    const ProgressDisplay display(
        DetectProgressStyle(session.quiet), label, [&] { return ProgressFigures{.done_bytes = bytes}; },
        session.clock());
    for (int look = 1; job = session.catalogue().GetJob(id), !HasEnded(job); ++look) {
      if (session.stop().stop_requested()) {
        throw Error(ErrorKind::kCancelled, fmt::format("no longer waited for: the service goes on with job {}", id));
      }
      if (look % kLooksPerServiceCheck == 0 && !ServiceRuns(session)) {
        throw Error(ErrorKind::kTransient, fmt::format("the service is gone; job {} waits for the next one", id),
                    "systemctl status cofre");
      }
      bytes = job.bytes;
      session.clock().SleepFor(kLookEvery, session.stop());
    }
  }
  return OutcomeOf(session, job);
}

}  // namespace cofre::cli
