#pragma once

// Discoveries that somebody has asked for: each runs in the background, since a server may take its time, and its
// result is kept until the next one.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "api/services.h"
#include "service/discovery.h"

namespace cofre::api {

// Thread-safe. Ends what runs when it goes.
class Discoveries {
 public:
  // `services` outlives it.
  explicit Discoveries(Services& services) : services_(services) {}

  // Throws not_found where the configuration has no [[descubrimiento]] of the server, Refusal conflict while one runs.
  void Start(const std::string& server);
  // Throws not_found where none was started since the service's start.
  Json Show(const std::string& server);

 private:
  struct Run {
    TimePoint began{};
    std::optional<TimePoint> ended;
    std::string error;
    std::string hint;
    service::DiscoveryReport report;
  };

  void Discover(const service::DiscoveryConfig& how, const std::stop_token& stop);

  Services& services_;
  std::mutex mutex_;  // of the next two
  std::map<std::string, Run> runs_;
  bool running_ = false;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace cofre::api
