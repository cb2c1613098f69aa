#pragma once

// Finds what nobody reports by itself: that a backup does not come, that space fills, and that it is time for the
// nightly summary.

#include <optional>
#include <vector>

#include "base/clock.h"
#include "service/event.h"
#include "service/health.h"
#include "service/notifier.h"

namespace cofre::service {

// What is to be told of the fleet's health, given what stands: databases that are late or no longer are, companies by
// their space. Pure.
std::vector<Event> HealthEvents(const Health& health, const std::vector<Alert>& standing, const SpaceLevels& levels);

class Watch {
 public:
  // The references outlive it. `config` is copied.
  Watch(const Config& config, catalogue::Catalogue& catalogue, Notifier& notifier, Clock& clock)
      : config_(config), catalogue_(catalogue), notifier_(notifier), clock_(clock) {}

  // To be called often, at every tick; looks every five minutes. Forgets what was told of companies that are gone. A
  // summary that was missed because the service was down is told when it is back, on the same day. Throws nothing.
  void Look();

 private:
  void TellHealth(TimePoint now);
  void TellSummary(TimePoint now);

  const Config config_;
  catalogue::Catalogue& catalogue_;
  Notifier& notifier_;
  Clock& clock_;
  std::optional<Duration> last_look_;  // monotonic
};

}  // namespace cofre::service
