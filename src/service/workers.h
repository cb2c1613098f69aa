#pragma once

// The threads that do claimed jobs.

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "service/job_runner.h"

namespace cofre::service {

// Start, Renew and the counts are for one thread, the daemon's.
class Workers {
 public:
  // `on_end` is called from a worker's thread after each job.
  Workers(Observer observer, std::function<void()> on_end)
      : observer_(std::move(observer)), on_end_(std::move(on_end)) {}
  // Cancels what runs and waits for its end.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void Start(std::shared_ptr<ActiveJob> job);
  size_t running();

  // For every job under way: see ActiveJob::Renew. A catalogue that does not answer is logged.
  void Renew(TimePoint lease_until);

  // Asks every job to end.
  void CancelAll();
  // No longer waits for a catalogue that takes nothing.
  void GiveUp() { give_up_.request_stop(); }

 private:
  struct Worker {
    std::shared_ptr<ActiveJob> job;
    bool ended = false;
    std::thread thread;
  };

  // Joins the threads that have ended.
  void Collect();

  Observer observer_;
  std::function<void()> on_end_;
  std::stop_source give_up_;
  std::mutex mutex_;
  std::list<Worker> workers_;
};

}  // namespace cofre::service
