#include "service/seeing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

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

struct Seeing::State {
  State(const Config& config, catalogue::Catalogue& catalogue, Clock& clock)
      : notifier(config.notify, catalogue, clock),
        watch(config, catalogue, notifier, clock),
        metrics(config, catalogue, clock) {
    if (!config.metrics.listen.empty()) server = std::make_unique<MetricsServer>(metrics, config.metrics.listen);
  }

  Notifier notifier;
  Watch watch;
  Metrics metrics;
  std::unique_ptr<MetricsServer> server;
};

Seeing::Seeing(const Config& config, catalogue::Catalogue& catalogue, Clock& clock)
    : state_(std::make_unique<State>(config, catalogue, clock)) {}

Seeing::~Seeing() = default;

void Seeing::Notify(const Event& event) { state_->notifier.Notify(event); }

void Seeing::JobEnded(const Job& job) {
  LogJobEnd(job);
  state_->metrics.JobEnded(job);
}

void Seeing::Looked() {
  state_->notifier.Beat();
  state_->metrics.Looked();
  state_->watch.Look();
}

void Seeing::Flush(std::chrono::milliseconds limit) { state_->notifier.Flush(limit); }

}  // namespace cofre::service
