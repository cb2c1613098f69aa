#include "service/shared_clock.h"

#include <fmt/format.h>

#include <chrono>

#include "base/error.h"
#include "base/log.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskEvery = 10s;
constexpr auto kWorthTelling = 5s;
constexpr auto kQuick = 20ms;  // an answer that took no longer is good enough
constexpr auto kSlow = 1s;     // one that took longer says less than the one before
constexpr int kMostQuestions = 3;

}  // namespace

TimePoint SharedClock::Now() const {
  const std::lock_guard guard(mutex_);
  if (!ahead_) Ask();
  return ahead_ ? TimePoint(*ahead_ + below_.Monotonic()) : below_.Now();
}

void SharedClock::Refresh() {
  const std::lock_guard guard(mutex_);
  if (below_.Monotonic() - asked_ >= kAskEvery) Ask();
}

void SharedClock::Ask() const try {
  if (catalogue_ == nullptr) catalogue_ = catalogue::Catalogue::Open(url_);
  Duration quickest = Duration::max();
  Duration ahead{};
  Duration own{};
  for (int i = 0; i < kMostQuestions && quickest > kQuick; ++i) {
    const Duration before = below_.Monotonic();
    const TimePoint said = catalogue_->SharedTime().value_or(below_.Now());
    const Duration took = below_.Monotonic() - before;
    if (took >= quickest) continue;
    quickest = took;
    // The answer was true somewhere between question and arrival.
    ahead = said.time_since_epoch() - (before + took / 2);
    own = below_.Now() - said;
  }
  asked_ = below_.Monotonic();
  if (ahead_ && quickest > kSlow) return;
  ahead_ = ahead;
  const bool off = own > kWorthTelling || own < -kWorthTelling;
  if (off && !told_) {
    Log(LogLevel::kWarning, "clock_is_off",
        {{"seconds", fmt::format("{:.0f}", std::chrono::duration<double>(own).count())},
         {"hint", "this machine's clock differs from the catalogue server's, which counts: look at its NTP"}});
  }
  told_ = off;
} catch (const Error& error) {
  Log(LogLevel::kDebug, "time_not_asked", {{"error", error.what()}});
}

}  // namespace cofre::service
