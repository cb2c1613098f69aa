#pragma once

// Figures for Prometheus ([metricas]); docs/alerts.md lists them. What the catalogue knows is read when somebody asks,
// at most every 15 seconds; what jobs cost is counted by this process since it began.

#include <memory>
#include <string>

#include "base/clock.h"
#include "model/backup.h"
#include "service/config.h"

namespace cofre::catalogue {
class Catalogue;
}

namespace cofre::service {

// Thread-safe. The number of series does not grow with the number of companies unless `por_empresa` is on.
class Metrics {
 public:
  // The references outlive it.
  Metrics(Config config, catalogue::Catalogue& catalogue, Clock& clock);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // A job of this process has ended: kind, state, times and bytes count.
  void JobEnded(const Job& job);
  // The daemon has looked at what is due.
  void Looked();

  // A changed configuration counts from now on.
  void Reconfigure(const Config& config);

  // All figures in Prometheus's text format. A catalogue that can't be read is a figure too (cofre_catalogue_up 0).
  std::string Text() const;

 private:
  friend class MetricsServer;
  struct State;
  std::shared_ptr<State> state_;
};

// Serves http://LISTEN/metrics, from threads of its own, until it is destroyed.
class MetricsServer {
 public:
  // Throws permanent where it can't listen there: another process has the port.
  MetricsServer(const Metrics& metrics, const std::string& listen);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // Of use where "127.0.0.1:0" was asked for.
  int port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cofre::service
