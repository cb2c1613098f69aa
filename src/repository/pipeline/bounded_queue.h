#pragma once

// Hands values from thread to thread, at most `capacity` waiting.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace cofre::repository {

// Thread-safe.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // Waits for room. False, and the value is dropped, where `stop` was requested meanwhile.
  bool Push(T value, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return waiting_.size() < capacity_; })) return false;
    waiting_.push_back(std::move(value));
    lock.unlock();
    changed_.notify_all();
    return true;
  }

  // Waits for a value. nullopt where there will be none: closed and empty, or `stop` was requested.
  std::optional<T> Pop(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    ++popping_;
    const bool come = changed_.wait(lock, stop, [&] { return closed_ || !waiting_.empty(); });
    --popping_;
    if (!come) return std::nullopt;
    if (stop.stop_requested() || waiting_.empty()) return std::nullopt;
    std::optional<T> value(std::move(waiting_.front()));
    waiting_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return value;
  }

  // Whether somebody waits in Pop for what is pushed next. It may be otherwise a moment later.
  bool IsAwaited() const {
    const std::lock_guard lock(mutex_);
    return popping_ > waiting_.size();
  }

  // Whether whoever takes from it keeps up: nothing waits, and more may come. It may be otherwise a moment later.
  bool IsKeptUpWith() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && !closed_;
  }

  // No more will be pushed; what waits can still be popped.
  void Close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  const size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> waiting_;
  bool closed_ = false;
  size_t popping_ = 0;
};

}  // namespace cofre::repository
