#pragma once

// Does one claimed job from its beginning to its row's end.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "model/backup.h"
#include "repository/backup.h"
#include "repository/restore.h"
#include "service/event.h"
#include "service/wiring.h"

namespace cofre::service {

// Who is told what happens. Called from any thread; throws nothing.
struct Observer {
  std::function<void(const Event&)> notify = [](const Event&) {};  // what an operator may want to be told
  std::function<void(const Job&)> job_ended = [](const Job&) {};   // each job's end, as the catalogue has it
};

// A job under way: what others may ask of it meanwhile, from any thread.
class ActiveJob {
 public:
  // `wiring` is what the configuration stood for when it began.
  ActiveJob(Job job, std::shared_ptr<Wiring> wiring) : job_(std::move(job)), wiring_(std::move(wiring)) {}

  const Job& job() const { return job_; }
  Wiring& wiring() const { return *wiring_; }
  repository::BackupProgress& progress() { return progress_; }
  repository::RestoreProgress& restored() { return restored_; }
  std::atomic<uint64_t>& checked() { return checked_; }
  // Bytes that it has gone through so far, of whatever kind it is.
  uint64_t bytes() const { return progress_.bytes_read + restored_.bytes_written + checked_; }
  std::stop_token stop() const { return stop_.get_token(); }
  void Cancel() { stop_.request_stop(); }

  // Tells the catalogue that it is being done, and how far it is. Cancels it where it is no longer ours.
  void Renew(TimePoint lease_until);

 private:
  Job job_;
  std::shared_ptr<Wiring> wiring_;
  repository::BackupProgress progress_;
  repository::RestoreProgress restored_;  // of a drill
  std::atomic<uint64_t> checked_{0};      // of a verification
  std::stop_source stop_;
};

// Blocks until the job has ended and its end is in the catalogue, together with what it says of its server and company.
// A catalogue that does not take it (a full disk) is tried again every few seconds until `give_up` is requested: then
// the next process finds the job abandoned. Throws nothing: a failure is the job's. A job whose company is busy goes
// back into the queue for a minute.
void RunJob(ActiveJob& active, const Observer& observer, const std::stop_token& give_up);

}  // namespace cofre::service
