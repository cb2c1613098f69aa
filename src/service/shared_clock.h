#pragma once

// The time that the nodes of a fleet agree on: the catalogue's server says it, this machine's clock counts on from
// there. So a node whose own clock is wrong plans, leases and dates as all others do (docs/decisions/0191).

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "catalogue/catalogue.h"

namespace cofre::service {

// Thread-safe. Has a connection to the catalogue of its own, from its first question on.
class SharedClock : public Clock {
 public:
  // `below` is the machine's, and outlives this.
  SharedClock(std::string catalogue_url, Clock& below) : url_(std::move(catalogue_url)), below_(below) {}

  // Asks the server at the first call. While it has never answered the machine's own time counts: then nothing else can
  // be done with the catalogue either.
  TimePoint Now() const override;
  Duration Monotonic() const override { return below_.Monotonic(); }
  void SleepFor(Duration pause, std::stop_token stop) override { below_.SleepFor(pause, std::move(stop)); }

  // Asks again where the last answer is some seconds old. A server that does not answer is no news: the time goes on.
  void Refresh();

 private:
  // Under the mutex. Logs what goes wrong, and an own clock that is off by seconds, once.
  void Ask() const;

  const std::string url_;
  Clock& below_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<catalogue::Catalogue> catalogue_;
  mutable std::optional<Duration> ahead_;  // the agreed time, as nanoseconds since 1970, less Monotonic()
  mutable Duration asked_{};               // Monotonic() then
  mutable bool told_ = false;
};

}  // namespace cofre::service
