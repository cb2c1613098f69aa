#pragma once

// What the threads of one backup share to end together: the first error of any of them, and the order to stop.

#include <exception>
#include <mutex>
#include <stop_token>
#include <utility>

#include "base/error.h"

namespace cofre::repository {

// Thread-safe.
class FirstFailure {
 public:
  // Stops when `outer` does, and at the first failure.
  explicit FirstFailure(std::stop_token outer) : on_outer_stop_(std::move(outer), RequestStop{stop_}) {}

  std::stop_token token() const { return stop_.get_token(); }

  // Remembers the first one only: what fails later may well fail because of it. But a cancellation gives way to any
  // other error, since something else ordered it.
  void Record(std::exception_ptr failure) {
    Note(std::move(failure));
    stop_.request_stop();
  }

  // The same without a stop, so that what is under way may end well.
  void Note(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_ || (IsCancellation(failure_) && !IsCancellation(failure))) failure_ = std::move(failure);
  }

  // Runs `work` and records what it throws.
  template <typename Work>
  void Guard(Work work) noexcept {
    try {
      work();
    } catch (...) {
      Record(std::current_exception());
    }
  }

  void Stop() { stop_.request_stop(); }

  bool failed() const {
    const std::lock_guard lock(mutex_);
    return failure_ != nullptr;
  }

  void Rethrow() const {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  struct RequestStop {
    std::stop_source source;
    void operator()() { source.request_stop(); }
  };

  static bool IsCancellation(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::kCancelled;
    } catch (...) {
      return false;
    }
  }

  std::stop_source stop_;
  std::stop_callback<RequestStop> on_outer_stop_;
  mutable std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace cofre::repository
