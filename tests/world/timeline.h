#pragma once

// Virtual time, and threads that take turns in it: what an actor does between two sleeps takes no time, and only one
// actor does anything at a moment, so that jobs that overlap in virtual time run the same way each time.

#include <atomic>
#include <functional>
#include <semaphore>
#include <thread>

#include "base/clock.h"

namespace cofre::world {

class Actor;

// Moved by the world alone. An actor that sleeps on it gives its turn away until then; for all other threads a sleep is
// over at once.
class VirtualClock : public Clock {
 public:
  explicit VirtualClock(TimePoint epoch) : epoch_(epoch) {}

  TimePoint Now() const override { return epoch_ + Monotonic() + Duration(jumped_.load()); }
  Duration Monotonic() const override { return Duration(monotonic_.load()); }
  void SleepFor(Duration pause, std::stop_token stop) override;

  void AdvanceTo(Duration monotonic) { monotonic_ = monotonic.count(); }
  // Somebody sets the wall clock.
  void Jump(Duration by) { jumped_ += by.count(); }

 private:
  const TimePoint epoch_;
  std::atomic<int64_t> monotonic_{0};
  std::atomic<int64_t> jumped_{0};
};

class Actor {
 public:
  Actor(const VirtualClock& clock, std::function<void()> body)
      : clock_(clock), thread_([this, body = std::move(body)] {
          turn_.acquire();
          Current() = this;
          body();
          ended_ = true;
          back_.release();
        }) {}
  // It must have ended.
  ~Actor() { thread_.join(); }
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  // The one whose thread this is, else null.
  static Actor*& Current() {
    thread_local Actor* current = nullptr;
    return current;
  }

  // For the world's thread: returns when the actor sleeps or has ended.
  void TakeTurn() {
    turn_.release();
    back_.acquire();
  }
  // From now on it doesn't sleep any more.
  void Hurry() { hurried_ = true; }
  bool ended() const { return ended_; }
  Duration wakes_at() const { return wakes_at_; }

  // For its own thread.
  void Sleep(Duration pause) {
    if (hurried_) return;
    wakes_at_ = clock_.Monotonic() + pause;
    back_.release();
    turn_.acquire();
  }

 private:
  const VirtualClock& clock_;
  std::binary_semaphore turn_{0};
  std::binary_semaphore back_{0};
  std::atomic<bool> hurried_{false};
  std::atomic<bool> ended_{false};
  Duration wakes_at_{};
  std::thread thread_;  // last: it uses the others
};

inline void VirtualClock::SleepFor(Duration pause, std::stop_token stop) {
  Actor* actor = Actor::Current();
  if (actor != nullptr && !stop.stop_requested()) actor->Sleep(pause);
}

}  // namespace cofre::world
