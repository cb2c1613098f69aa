#pragma once

// All by which a service is seen from outside, as one thing: alerts, heartbeat, metrics, a line in the log for each
// job. The daemon calls it through its hooks.

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "model/backup.h"
#include "service/config.h"
#include "service/event.h"

namespace cofre::catalogue {
class Catalogue;
}

namespace cofre::service {

// One line: job_done, job_failed or job_interrupted, with job, kind, company, year, bytes, stored, seconds, attempt
// and, where it failed, error and message.
void LogJobEnd(const Job& job);

// Thread-safe. Makes a thread for each receiver and two for the metrics.
class Seeing {
 public:
  // The references outlive it. Throws permanent where the metrics' port is taken.
  Seeing(const Config& config, catalogue::Catalogue& catalogue, Clock& clock);
  ~Seeing();
  Seeing(const Seeing&) = delete;
  Seeing& operator=(const Seeing&) = delete;

  // Throws nothing: see Notifier::Notify.
  void Notify(const Event& event);
  // A job of this process has ended, as the catalogue has it now: logs and counts it.
  void JobEnded(const Job& job);
  // At every look of the daemon, from one thread: beats the heart, and now and then looks for what is late or full.
  void Looked();
  // A changed configuration: from now on it counts, also for what waits to be sent. Throws permanent where its metrics'
  // port is taken; the rest of it counts all the same.
  void Reconfigure(const Config& config);
  // Before a short process ends: see Notifier::Flush.
  void Flush(std::chrono::milliseconds limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cofre::service
