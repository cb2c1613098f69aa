#include "service/seeing.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include "base/log.h"
#include "service/metrics.h"
#include "service/notifier.h"
#include "service/watch.h"

namespace cofre::service {

void LogJobEnd(const Job& job) {
  const Duration elapsed = job.ended ? std::max<Duration>(*job.ended - job.started, Duration(0)) : Duration(0);
  const std::string seconds = fmt::format("{:.1f}", std::chrono::duration<double>(elapsed).count());
  const std::string year = job.fiscal_year == 0 ? "all" : std::to_string(job.fiscal_year);
  const std::string id = std::to_string(job.id);
  const std::string kind(JobKindName(job.kind));
  if (job.state == JobState::kDone) {
    Log(LogLevel::kInfo, "job_done",
        {{"job", id},
         {"kind", kind},
         {"company", job.company},
         {"year", year},
         {"bytes", std::to_string(job.bytes)},
         {"stored", std::to_string(job.stored_bytes)},
         {"seconds", seconds}});
    return;
  }
  const bool has_failed = job.state == JobState::kFailed;
  Log(has_failed ? LogLevel::kError : LogLevel::kWarning, has_failed ? "job_failed" : "job_interrupted",
      {{"job", id},
       {"kind", kind},
       {"company", job.company},
       {"year", year},
       {"bytes", std::to_string(job.bytes)},
       {"seconds", seconds},
       {"attempt", std::to_string(job.attempt)},
       {"error", job.error_kind},
       {"message", job.message}});
}

namespace {

// What a changed configuration makes anew. Used by whoever holds it, until he has done.
struct Telling {
  Telling(const Config& config, catalogue::Catalogue& catalogue, Clock& clock)
      : notifier(config.notify, catalogue, clock), watch(config, catalogue, notifier, clock) {}

  Notifier notifier;
  Watch watch;
};

}  // namespace

struct Seeing::State {
  State(const Config& config, catalogue::Catalogue& opened, Clock& given)
      : catalogue(opened), clock(given), metrics(config, catalogue, clock) {
    Listen(config.metrics.listen);
    telling = std::make_shared<Telling>(config, catalogue, clock);
  }

  void Listen(const std::string& where) {
    if (where == listens_on) return;
    server.reset();
    listens_on.clear();
    if (!where.empty()) server = std::make_unique<MetricsServer>(metrics, where);
    listens_on = where;
  }

  std::shared_ptr<Telling> Now() {
    const std::lock_guard lock(mutex);
    return telling;
  }

  catalogue::Catalogue& catalogue;
  Clock& clock;
  Metrics metrics;
  std::string listens_on;
  std::unique_ptr<MetricsServer> server;
  std::mutex mutex;
  std::shared_ptr<Telling> telling;
};

Seeing::Seeing(const Config& config, catalogue::Catalogue& catalogue, Clock& clock)
    : state_(std::make_unique<State>(config, catalogue, clock)) {}

Seeing::~Seeing() = default;

void Seeing::Notify(const Event& event) { state_->Now()->notifier.Notify(event); }

void Seeing::JobEnded(const Job& job) {
  LogJobEnd(job);
  state_->metrics.JobEnded(job);
}

void Seeing::Looked() {
  const std::shared_ptr<Telling> telling = state_->Now();
  telling->notifier.Beat();
  state_->metrics.Looked();
  telling->watch.Look();
}

void Seeing::Reconfigure(const Config& config) {
  auto changed = std::make_shared<Telling>(config, state_->catalogue, state_->clock);
  {
    const std::lock_guard lock(state_->mutex);
    std::swap(state_->telling, changed);
  }
  state_->metrics.Reconfigure(config);
  state_->Listen(config.metrics.listen);
}

void Seeing::Flush(std::chrono::milliseconds limit) { state_->Now()->notifier.Flush(limit); }

}  // namespace cofre::service
