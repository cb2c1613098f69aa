#include "repository/pipeline/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace cofre::repository {
namespace {

TEST(BoundedQueueTest, ValuesComeOutInOrderAndThenTheEnd) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.Push(1, {}));
  EXPECT_TRUE(queue.Push(2, {}));
  queue.Close();
  EXPECT_EQ(queue.Pop({}), 1);
  EXPECT_EQ(queue.Pop({}), 2);
  EXPECT_EQ(queue.Pop({}), std::nullopt);
}

TEST(BoundedQueueTest, NoMoreThanTheCapacityWaits) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed{0};
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) {
      queue.Push(i, {});
      ++pushed;
    }
    queue.Close();
  });
  int popped = 0;
  while (const auto value = queue.Pop({})) {
    EXPECT_EQ(*value, popped++);
    EXPECT_LE(pushed, popped + 2);
  }
  EXPECT_EQ(popped, 1000);
}

TEST(BoundedQueueTest, AStopEndsBothWaits) {
  std::stop_source stop;
  BoundedQueue<std::unique_ptr<int>> full(1);
  ASSERT_TRUE(full.Push(std::make_unique<int>(1), {}));
  BoundedQueue<std::unique_ptr<int>> empty(1);
  bool pushed = true;
  bool popped = true;
  {
    const std::jthread pusher([&] { pushed = full.Push(std::make_unique<int>(2), stop.get_token()); });
    const std::jthread popper([&] { popped = empty.Pop(stop.get_token()).has_value(); });
    stop.request_stop();
  }
  EXPECT_FALSE(pushed);
  EXPECT_FALSE(popped);
}

TEST(BoundedQueueTest, ItTellsWhetherSomebodyWaitsForMoreThanThereIs) {
  BoundedQueue<int> queue(2);
  EXPECT_FALSE(queue.IsAwaited());
  std::jthread popper([&] { (void)queue.Pop({}); });
  while (!queue.IsAwaited()) std::this_thread::yield();
  queue.Push(1, {});
  popper.join();
  EXPECT_FALSE(queue.IsAwaited());
}

TEST(BoundedQueueTest, IsKeptUpWithWhileNothingWaitsAndMoreMayCome) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.IsKeptUpWith());
  queue.Push(1, {});
  EXPECT_FALSE(queue.IsKeptUpWith());
  (void)queue.Pop({});
  EXPECT_TRUE(queue.IsKeptUpWith());
  queue.Close();
  EXPECT_FALSE(queue.IsKeptUpWith());
}

TEST(BoundedQueueTest, AfterAStopNothingComesOutEvenIfItWaits) {
  std::stop_source stop;
  BoundedQueue<int> queue(1);
  queue.Push(1, {});
  stop.request_stop();
  EXPECT_EQ(queue.Pop(stop.get_token()), std::nullopt);
}

}  // namespace
}  // namespace cofre::repository
