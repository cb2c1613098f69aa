#pragma once

// A clock that a test moves. SleepFor moves it and returns at once. Thread-safe.

#include <atomic>

#include "base/clock.h"

namespace cofre::test {

class ManualClock : public Clock {
 public:
  explicit ManualClock(TimePoint now) : now_(now.time_since_epoch().count()) {}

  TimePoint Now() const override { return TimePoint(Duration(now_.load())); }
  Duration Monotonic() const override { return Duration(now_.load()); }
  void SleepFor(Duration pause, std::stop_token) override { Advance(pause); }

  void Advance(Duration step) {
    now_ += step.count();
    slept_ += step.count();
  }
  Duration slept() const { return Duration(slept_.load()); }

 private:
  std::atomic<int64_t> now_;
  std::atomic<int64_t> slept_{0};
};

}  // namespace cofre::test
