#include "engine/job_record.h"

#include <utility>

#include "base/log.h"

namespace cofre::engine {
JobRecord::JobRecord(const Context& context, Job job) : context_(context) {
  if (context.row != nullptr) {
    context.row->begun = true;
    return;
  }
  job.started = context.clock->Now();
  job.owner = context.process_owner;
  id_ = context.catalogue->StartJob(job);
}

void JobRecord::Run(const std::function<void()>& work, const std::stop_token& stop) {
  try {
    work();
  } catch (const Error& error) {
    if (stop.stop_requested()) {
      outcome_.state = JobState::kInterrupted;
      outcome_.message = "cancelled";
      Finish();
      throw Error(ErrorKind::kCancelled, "cancelled");
    }
    NoteFailure(error.kind(), WithHint(error));
    Finish();
    throw;
  } catch (const std::exception& error) {
    NoteFailure(ErrorKind::kPermanent, error.what());
    Finish();
    throw;
  }
  Finish();
}

void JobRecord::SetBackup(const Backup& backup, uint64_t added_bytes) {
  outcome_.bytes = backup.dump_bytes;
  outcome_.stored_bytes = added_bytes;
  outcome_.snapshot_id = backup.snapshot_id;
}

void JobRecord::NoteFailure(ErrorKind kind, std::string message) {
  outcome_.state = JobState::kFailed;
  outcome_.error_kind = ErrorKindName(kind);
  outcome_.message = std::move(message);
}

void JobRecord::Finish() {
  outcome_.ended = context_.clock->Now();
  if (context_.row != nullptr) {
    context_.row->outcome = outcome_;
    return;
  }
  try {
    context_.catalogue->FinishJob(id_, outcome_);
  } catch (const Error& error) {
    // The work is what it is; the row is marked interrupted by the next process that starts.
    Log(LogLevel::kError, "job_not_recorded", {{"job", std::to_string(id_)}, {"error", error.what()}});
  }
}

}  // namespace cofre::engine
