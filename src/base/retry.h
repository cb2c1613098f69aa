#pragma once

// The one policy for trying again. Only errors of kind transient are worth it.

#include <chrono>
#include <concepts>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/stop.h"

namespace cofre {

struct RetryPolicy {
  int max_tries = 10;                                             // the first included
  std::chrono::milliseconds first_pause{200};                     // grows by the factor with each failure ...
  double factor = 2;                                              // ... at least 1
  std::chrono::milliseconds max_pause{std::chrono::seconds(30)};  // also bounds what the other side asks for
  std::chrono::milliseconds total{std::chrono::minutes(10)};      // no try begins later than this after the first one
};

// The pause after the failed try number `tries` (1 for the first), or nullopt where it is time to give up. `elapsed` is
// since the first try began. Jittered over the upper half, so that many clients that failed together do not come back
// together; `asked` (Retry-After, taken as max_pause at most) is a lower bound. `fraction` is in [0, 1).
std::optional<std::chrono::milliseconds> RetryPause(const RetryPolicy& policy, int tries,
                                                    std::chrono::milliseconds elapsed,
                                                    std::optional<std::chrono::milliseconds> asked, double fraction);

// Where the last of several tries failed: the same error, saying how often it was tried and for how long.
Error GaveUp(const Error& last, int tries, std::chrono::milliseconds elapsed);

// Tells the operator, at level info: an operation that is slow because it is being repeated should not look stuck.
void LogRetry(const Error& failure, int tries, std::chrono::milliseconds pause);

// Calls `work` until it returns, throws something that is not a transient Error, or the policy gives up. Pauses on
// `clock`; a stop ends a pause with kind cancelled.
template <std::invocable Work>
auto Retry(const RetryPolicy& policy, Clock& clock, Random& random, const std::stop_token& stop, Work&& work)
    -> std::invoke_result_t<Work> {
  const Duration begin = clock.Monotonic();
  for (int tries = 1;; ++tries) {
    std::optional<std::chrono::milliseconds> pause;
    try {
      return work();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kTransient) throw;
      const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock.Monotonic() - begin);
      pause = RetryPause(policy, tries, elapsed, error.retry_after(), random.Fraction());
      if (!pause) throw GaveUp(error, tries, elapsed);
      LogRetry(error, tries, *pause);
    }
    clock.SleepFor(*pause, stop);
    ThrowIfStopped(stop);
  }
}

}  // namespace cofre
