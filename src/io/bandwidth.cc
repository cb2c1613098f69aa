#include "io/bandwidth.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/stop.h"

namespace cofre::io {
namespace {

using Seconds = std::chrono::duration<double>;

// Shorter than the second within which a changed rate has to hold.
constexpr Duration kLongestSleep = std::chrono::milliseconds(500);
constexpr double kHeldSeconds = 0.125;
constexpr uint64_t kPiecesPerSecond = 32;
constexpr uint64_t kSmallestPiece = size_t{4} * 1024;
constexpr uint64_t kLargestPiece = size_t{256} * 1024;

}  // namespace

Bandwidth::Bandwidth(Clock& clock, Rate rate) : clock_(clock), rate_(std::move(rate)), filled_(clock.Monotonic()) {}

void Bandwidth::SetRate(Rate rate) {
  const std::lock_guard lock(mutex_);
  rate_ = std::move(rate);
}

void Bandwidth::Refill(uint64_t rate) {
  const Duration now = clock_.Monotonic();
  const double seconds = Seconds(now - filled_).count();
  filled_ = now;
  tokens_ = std::min(tokens_ + seconds * static_cast<double>(rate), kHeldSeconds * static_cast<double>(rate));
}

void Bandwidth::Leave(uint64_t ticket) {
  std::erase(waiting_, ticket);
  turn_.notify_all();
}

size_t Bandwidth::Take(size_t wanted, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const uint64_t ticket = next_ticket_++;
  waiting_.push_back(ticket);
  size_t granted = 0;
  if (turn_.wait(lock, stop, [&] { return waiting_.front() == ticket; })) {
    while (!stop.stop_requested()) {
      const uint64_t rate = rate_(clock_.Now());
      Refill(rate);
      if (rate == 0) {
        tokens_ = 0;  // what was owed at another rate is forgiven
        granted = wanted;
        break;
      }
      if (tokens_ >= 0) {
        granted = std::min<size_t>(wanted, std::clamp(rate / kPiecesPerSecond, kSmallestPiece, kLargestPiece));
        tokens_ -= static_cast<double>(granted);
        break;
      }
      const auto owed = std::chrono::ceil<Duration>(Seconds(-tokens_ / static_cast<double>(rate)));
      lock.unlock();
      clock_.SleepFor(std::min(owed, kLongestSleep), stop);
      lock.lock();
    }
  }
  Leave(ticket);
  return granted;
}

void Bandwidth::TakeAll(uint64_t bytes, const std::stop_token& stop) {
  while (bytes > 0) {
    const size_t granted = Take(static_cast<size_t>(std::min<uint64_t>(bytes, SIZE_MAX)), stop);
    if (granted == 0) ThrowIfStopped(stop);
    bytes -= granted;
  }
}

}  // namespace cofre::io
