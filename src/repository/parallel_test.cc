#include "repository/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "base/error.h"

namespace cofre::repository {
namespace {

TEST(ParallelForTest, DoesEveryPartOnce) {
  for (const size_t count : {0, 1, 2, 100}) {
    std::mutex mutex;
    std::multiset<size_t> seen;
    ParallelFor(count, 4, {}, [&](size_t i, const std::stop_token&) {
      const std::lock_guard lock(mutex);
      seen.insert(i);
    });
    EXPECT_EQ(seen.size(), count);
    EXPECT_EQ(std::set<size_t>(seen.begin(), seen.end()).size(), count);
  }
}

TEST(ParallelForTest, TheFirstErrorStopsTheOthers) {
  std::atomic<int> waiting{0};
  try {
    ParallelFor(4, 4, {}, [&](size_t i, const std::stop_token& stop) {
      if (i == 3) throw Error(ErrorKind::kCorrupt, "third");
      ++waiting;
      while (!stop.stop_requested()) std::this_thread::yield();
      throw Error(ErrorKind::kCancelled, "stopped");
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "third");
  }
}

TEST(ParallelForTest, BeingStoppedIsAnError) {
  std::stop_source source;
  source.request_stop();
  for (const size_t count : {1, 5}) {
    try {
      ParallelFor(count, 2, source.get_token(), [](size_t, const std::stop_token& stop) { RequireNotStopped(stop); });
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCancelled);
    }
  }
}

}  // namespace
}  // namespace cofre::repository
