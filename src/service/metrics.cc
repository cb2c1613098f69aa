#include "service/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "catalogue/catalogue.h"
#include "service/notify/metric_families.h"

namespace cofre::service {
namespace {

using prometheus::MetricFamily;

constexpr std::chrono::seconds kFresh(15);

// Of a job: from a database of 1 MB to half an hour, the endless limit.
const prometheus::Histogram::BucketBoundaries kDurations{0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};

std::string_view OutcomeOf(JobState state) {
  if (state == JobState::kDone) return "done";
  return state == JobState::kFailed ? "failed" : "interrupted";
}

}  // namespace

struct Metrics::State : prometheus::Collectable {
  State(Config configured, catalogue::Catalogue& opened, Clock& given)
      : config(std::move(configured)), catalogue(opened), clock(given) {
    // Series that exist from the beginning, so that their first increase is one.
    for (const JobKind kind :
         {JobKind::kBackup, JobKind::kVerify, JobKind::kPrune, JobKind::kRestore, JobKind::kDrill}) {
      for (const JobState state : {JobState::kDone, JobState::kFailed, JobState::kInterrupted}) Ended(kind, state);
      Bytes(kind);
      Stored(kind);
      Durations(kind);
    }
    prometheus::BuildGauge()
        .Name("cofre_build_info")
        .Help("The program's version.")
        .Register(registry)
        .Add({{"version", std::string(kVersion)}})
        .Set(1);
  }

  prometheus::Counter& Ended(JobKind kind, JobState state) {
    return ended.Add({{"kind", std::string(JobKindName(kind))}, {"outcome", std::string(OutcomeOf(state))}});
  }
  prometheus::Counter& Bytes(JobKind kind) { return bytes.Add({{"kind", std::string(JobKindName(kind))}}); }
  prometheus::Counter& Stored(JobKind kind) { return stored.Add({{"kind", std::string(JobKindName(kind))}}); }
  prometheus::Histogram& Durations(JobKind kind) {
    return durations.Add({{"kind", std::string(JobKindName(kind))}}, kDurations);
  }

  // Called from the server's threads, which must not see an exception.
  std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> families = registry.Collect();
    std::vector<MetricFamily> fleet = FromCatalogue();
    std::move(fleet.begin(), fleet.end(), std::back_inserter(families));
    return families;
  }

  std::vector<MetricFamily> FromCatalogue() const {
    const std::lock_guard lock(mutex);
    const Duration now = clock.Monotonic();
    if (!kept.empty() && now - kept_at < kFresh) return kept;
    try {
      kept = FleetFamilies({.health = LookAtHealth(catalogue, config, clock.Now()),
                            .alerts = catalogue.ListAlerts(),
                            .levels = config.notify.space,
                            .per_company = config.metrics.per_company});
      kept.push_back(CatalogueFamily(true));
    } catch (const std::exception& error) {
      Log(LogLevel::kWarning, "metrics_not_read", {{"error", error.what()}});
      kept = {CatalogueFamily(false)};
    }
    kept_at = now;
    return kept;
  }

  Config config;  // under the mutex
  catalogue::Catalogue& catalogue;
  Clock& clock;

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& ended = prometheus::BuildCounter()
                                                       .Name("cofre_jobs_total")
                                                       .Help("Jobs of this process that have ended.")
                                                       .Register(registry);
  prometheus::Family<prometheus::Counter>& bytes = prometheus::BuildCounter()
                                                       .Name("cofre_job_bytes_total")
                                                       .Help("Bytes that jobs went through: dumped, read back.")
                                                       .Register(registry);
  prometheus::Family<prometheus::Counter>& stored = prometheus::BuildCounter()
                                                        .Name("cofre_job_stored_bytes_total")
                                                        .Help("Bytes that jobs added to the store.")
                                                        .Register(registry);
  prometheus::Family<prometheus::Histogram>& durations =
      prometheus::BuildHistogram().Name("cofre_job_duration_seconds").Help("How long jobs took.").Register(registry);
  prometheus::Gauge& looked = prometheus::BuildGauge()
                                  .Name("cofre_last_look_timestamp_seconds")
                                  .Help("When the daemon last looked at what is due, in seconds since 1970.")
                                  .Register(registry)
                                  .Add({});

  mutable std::mutex mutex;
  mutable std::vector<MetricFamily> kept;
  mutable Duration kept_at{};
};

Metrics::Metrics(Config config, catalogue::Catalogue& catalogue, Clock& clock)
    : state_(std::make_shared<State>(std::move(config), catalogue, clock)) {}

Metrics::~Metrics() = default;

void Metrics::JobEnded(const Job& job) {
  state_->Ended(job.kind, job.state).Increment();
  state_->Bytes(job.kind).Increment(static_cast<double>(job.bytes));
  state_->Stored(job.kind).Increment(static_cast<double>(job.stored_bytes));
  if (!job.ended) return;
  const Duration elapsed = std::max<Duration>(*job.ended - job.started, Duration(0));
  state_->Durations(job.kind).Observe(std::chrono::duration<double>(elapsed).count());
}

void Metrics::Looked() {
  state_->looked.Set(std::chrono::duration<double>(state_->clock.Now().time_since_epoch()).count());
}

void Metrics::Reconfigure(const Config& config) {
  const std::lock_guard lock(state_->mutex);
  state_->config = config;
  state_->kept.clear();
}

std::string Metrics::Text() const { return prometheus::TextSerializer().Serialize(state_->Collect()); }

struct MetricsServer::State {
  std::shared_ptr<prometheus::Collectable> metrics;
  std::unique_ptr<prometheus::Exposer> exposer;
};

MetricsServer::MetricsServer(const Metrics& metrics, const std::string& listen) : state_(std::make_unique<State>()) {
  state_->metrics = metrics.state_;
  try {
    state_->exposer = std::make_unique<prometheus::Exposer>(listen, 2);
    state_->exposer->RegisterCollectable(state_->metrics);
  } catch (const std::exception&) {
    throw Error(ErrorKind::kPermanent, fmt::format("cannot serve metrics on {}", listen),
                "another process has the port, or the address is not this machine's: change [metricas] escucha");
  }
}

MetricsServer::~MetricsServer() = default;

int MetricsServer::port() const { return state_->exposer->GetListeningPorts().at(0); }

}  // namespace cofre::service
