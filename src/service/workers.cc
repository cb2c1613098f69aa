#include "service/workers.h"

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"

namespace cofre::service {

Workers::~Workers() {
  CancelAll();
  GiveUp();
  for (Worker& worker : workers_) worker.thread.join();
}

void Workers::Start(std::shared_ptr<ActiveJob> job) {
  Collect();
  const std::lock_guard guard(mutex_);
  Worker& worker = workers_.emplace_back();
  worker.job = std::move(job);
  worker.thread = std::thread([this, &worker, active = worker.job] {
    RunJob(*active, observer_, give_up_.get_token());
    {
      const std::lock_guard ending(mutex_);
      worker.ended = true;
    }
    on_end_();
  });
}

size_t Workers::running() {
  Collect();
  const std::lock_guard guard(mutex_);
  return workers_.size();
}

void Workers::Renew(TimePoint lease_until) {
  std::vector<std::shared_ptr<ActiveJob>> jobs;
  {
    const std::lock_guard guard(mutex_);
    for (const Worker& worker : workers_) {
      if (!worker.ended) jobs.push_back(worker.job);
    }
  }
  for (const auto& job : jobs) {
    try {
      job->Renew(lease_until);
    } catch (const Error& error) {
      Log(LogLevel::kWarning, "lease_not_renewed", {{"job", std::to_string(job->job().id)}, {"error", error.what()}});
    }
  }
}

void Workers::CancelAll() {
  const std::lock_guard guard(mutex_);
  for (const Worker& worker : workers_) worker.job->Cancel();
}

void Workers::Collect() {
  std::list<Worker> ended;
  {
    const std::lock_guard guard(mutex_);
    for (auto at = workers_.begin(); at != workers_.end();) {
      const auto next = std::next(at);
      if (at->ended) ended.splice(ended.end(), workers_, at);
      at = next;
    }
  }
  for (Worker& worker : ended) worker.thread.join();
}

}  // namespace cofre::service
