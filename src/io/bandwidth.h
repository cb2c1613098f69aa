#pragma once

// A limit on the bytes a second of a link, which all who use that link hold to together.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>

#include "base/clock.h"

namespace cofre::io {

// A bucket of tokens: it fills at the rate of the moment and holds an eighth of a second's worth. Whoever wants to move
// bytes takes as many tokens, in the order in which they ask and a small piece at a time, so that those who ask again
// and again take turns. The rate is looked at for every piece and twice a second while somebody waits.
// Thread-safe.
class Bandwidth {
 public:
  // Bytes a second at a moment; 0: no limit. Called by every thread that takes, under a lock: it must not block.
  using Rate = std::function<uint64_t(TimePoint)>;

  // `clock` outlives it.
  Bandwidth(Clock& clock, Rate rate);
  Bandwidth(const Bandwidth&) = delete;
  Bandwidth& operator=(const Bandwidth&) = delete;

  // Takes effect at once, also for those who wait.
  void SetRate(Rate rate);

  // Blocks until some of `wanted` bytes (at least one) may pass, and says how many: from 1 to `wanted`. 0 only where
  // `stop` has been requested, at once then.
  size_t Take(size_t wanted, const std::stop_token& stop);

  // Blocks until `bytes` may pass. Throws kind cancelled at once when `stop` is requested.
  void TakeAll(uint64_t bytes, const std::stop_token& stop);

 private:
  void Refill(uint64_t rate);
  void Leave(uint64_t ticket);

  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any turn_;
  Rate rate_;
  std::deque<uint64_t> waiting_;  // tickets, who asked first in front
  uint64_t next_ticket_ = 0;
  double tokens_ = 0;  // below 0: the piece before was larger than what was there
  Duration filled_{0};
};

}  // namespace cofre::io
