#include "service/requeue.h"

#include "base/error.h"
#include "planner/fleet.h"
#include "planner/retry_pause.h"

namespace cofre::service {
namespace {

constexpr int kMostAttempts = 3;

bool IsManualBackup(const Job& job) { return job.kind == JobKind::kBackup && job.reason == JobReason::kManual; }

void Requeue(catalogue::Catalogue& catalogue, Job job, TimePoint now, TimePoint not_before) {
  if (!catalogue.FindCompany(job.company)) return;  // removed meanwhile
  ++job.attempt;
  job.queued = now;
  job.not_before = not_before;
  catalogue.EnqueueJob(job);
}

}  // namespace

bool IsTriedAgain(const Job& job, const std::string& error_kind, const BackupRetryPolicy& policy) {
  return job.kind == JobKind::kBackup && error_kind == ErrorKindName(ErrorKind::kTransient) &&
         static_cast<size_t>(job.attempt) <= policy.pauses.size();
}

void RequeueInterrupted(catalogue::Catalogue& catalogue, const Job& job, TimePoint now) {
  if (!IsManualBackup(job) || job.token == 0 || job.attempt >= kMostAttempts) return;
  Requeue(catalogue, job, now, now);
}

void RequeueFailed(catalogue::Catalogue& catalogue, const Job& job, const catalogue::JobOutcome& outcome,
                   const BackupRetryPolicy& policy) {
  if (!IsManualBackup(job) || !IsTriedAgain(job, outcome.error_kind, policy)) return;
  const Duration pause = planner::RetryPause(policy, static_cast<size_t>(job.attempt - 1), planner::KeyOf(job.company),
                                             job.fiscal_year, job.started);
  Requeue(catalogue, job, outcome.ended, outcome.ended + pause);
}

}  // namespace cofre::service
