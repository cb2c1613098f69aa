#include "repository/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"

namespace cofre::repository {

void ParallelFor(size_t count, size_t threads, std::stop_token stop,
                 const std::function<void(size_t i, std::stop_token stop)>& body) {
  if (count <= 1 || threads <= 1) {
    for (size_t i = 0; i < count; ++i) body(i, stop);
    return;
  }
  std::stop_source source;
  const std::stop_callback relay(stop, [&source] { source.request_stop(); });
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first_error;
  const auto work = [&] {
    for (size_t i = next++; i < count && !source.stop_requested(); i = next++) {
      try {
        body(i, source.get_token());
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first_error) first_error = std::current_exception();
        source.request_stop();
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (size_t i = 1; i < std::min(threads, count); ++i) workers.emplace_back(work);
    work();
  }
  if (first_error) std::rethrow_exception(first_error);
  // Stopped before every part began, and no part was there to say so.
  RequireNotStopped(stop);
}

void RequireNotStopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::kCancelled, "cancelled");
}

}  // namespace cofre::repository
