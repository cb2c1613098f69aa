#include "base/retry.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"

namespace cofre {

std::optional<std::chrono::milliseconds> RetryPause(const RetryPolicy& policy, int tries,
                                                    std::chrono::milliseconds elapsed,
                                                    std::optional<std::chrono::milliseconds> asked, double fraction) {
  if (tries >= policy.max_tries) return std::nullopt;
  const double largest = static_cast<double>(policy.max_pause.count());
  const double grown = static_cast<double>(policy.first_pause.count()) * std::pow(policy.factor, tries - 1);
  const double jittered = std::min(grown, largest) * (0.5 + fraction / 2);
  std::chrono::milliseconds pause(static_cast<int64_t>(jittered));
  if (asked) {
    const std::chrono::milliseconds spread(
        static_cast<int64_t>(fraction * static_cast<double>(policy.first_pause.count())));
    pause = std::max(pause, std::min(*asked, policy.max_pause) + spread);
  }
  if (elapsed + pause > policy.total) return std::nullopt;
  return pause;
}

Error GaveUp(const Error& last, int tries, std::chrono::milliseconds elapsed) {
  if (tries == 1) return last;
  return last.In(fmt::format("gave up after {} tries in {:.1f} s", tries, static_cast<double>(elapsed.count()) / 1000));
}

void LogRetry(const Error& failure, int tries, std::chrono::milliseconds pause) {
  Log(LogLevel::kInfo, "retry",
      {{"error", failure.what()},
       {"failed_tries", fmt::format("{}", tries)},
       {"pause_ms", fmt::format("{}", pause.count())}});
}

}  // namespace cofre
