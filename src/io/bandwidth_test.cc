#include "io/bandwidth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "base/error.h"
#include "tests/support/expect_error.h"
#include "tests/support/manual_clock.h"

namespace cofre::io {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kBegin{std::chrono::seconds(1'780'000'000)};
constexpr uint64_t kMegabyte = 1'000'000;

Bandwidth::Rate Always(uint64_t rate) {
  return [rate](TimePoint) { return rate; };
}

double SecondsOf(Duration time) { return std::chrono::duration<double>(time).count(); }

TEST(BandwidthTest, BytesTakeAsLongAsTheRateSays) {
  test::ManualClock clock(kBegin);
  Bandwidth bandwidth(clock, Always(2 * kMegabyte));
  bandwidth.TakeAll(20 * kMegabyte, {});
  EXPECT_NEAR(SecondsOf(clock.slept()), 10, 0.3);
}

TEST(BandwidthTest, WithoutALimitNobodyWaits) {
  test::ManualClock clock(kBegin);
  Bandwidth bandwidth(clock, Always(0));
  EXPECT_EQ(bandwidth.Take(size_t{1} << 40, {}), size_t{1} << 40);
  EXPECT_EQ(clock.slept(), 0s);
}

TEST(BandwidthTest, WhatWasNotUsedIsNotSavedUp) {
  test::ManualClock clock(kBegin);
  Bandwidth bandwidth(clock, Always(kMegabyte));
  clock.Advance(1h);
  const Duration before = clock.slept();
  bandwidth.TakeAll(10 * kMegabyte, {});
  EXPECT_GT(SecondsOf(clock.slept() - before), 9.5);
}

TEST(BandwidthTest, ManyWhoShareItGetTheRateTogether) {
  test::ManualClock clock(kBegin);
  Bandwidth bandwidth(clock, Always(4 * kMegabyte));
  {
    std::vector<std::jthread> takers;
    for (int i = 0; i < 8; ++i) takers.emplace_back([&] { bandwidth.TakeAll(kMegabyte, {}); });
  }
  EXPECT_NEAR(SecondsOf(clock.slept()), 2, 0.3);
}

TEST(BandwidthTest, APieceIsASmallPartOfASecond) {
  test::ManualClock clock(kBegin);
  Bandwidth bandwidth(clock, Always(kMegabyte));
  EXPECT_LE(bandwidth.Take(100 * kMegabyte, {}), kMegabyte / 20);
}

TEST(BandwidthTest, AnotherHourTakesEffectWithinASecond) {
  test::ManualClock clock(kBegin);
  Bandwidth bandwidth(clock, [](TimePoint now) { return now < kBegin + 10s ? 10'000 : 10 * kMegabyte; });
  bandwidth.TakeAll(kMegabyte, {});  // at the first rate it would take 100 s
  EXPECT_LT(clock.slept(), 11s);
}

TEST(BandwidthTest, AnotherRateTakesEffectForOneThatWaits) {
  class ChangingClock : public test::ManualClock {
   public:
    using ManualClock::ManualClock;
    void SleepFor(Duration pause, std::stop_token stop) override {
      if (bandwidth != nullptr) bandwidth->SetRate(Always(0));
      ManualClock::SleepFor(pause, std::move(stop));
    }
    Bandwidth* bandwidth = nullptr;
  };
  ChangingClock clock(kBegin);
  Bandwidth bandwidth(clock, Always(10'000));
  clock.bandwidth = &bandwidth;
  bandwidth.TakeAll(kMegabyte, {});
  EXPECT_LT(clock.slept(), 1s);
}

TEST(BandwidthTest, WhoAsksAgainAndAgainTakesTurns) {
  Bandwidth bandwidth(SystemClock(), Always(3'200'000));
  std::array<std::atomic<int>, 3> pieces{};
  std::atomic<int> left{18};
  std::latch together(3);
  {
    std::vector<std::jthread> takers;
    for (auto& mine : pieces) {
      takers.emplace_back([&] {
        together.arrive_and_wait();
        while (left.fetch_sub(1) > 0) {
          bandwidth.Take(kMegabyte, {});
          ++mine;
        }
      });
    }
  }
  for (const auto& mine : pieces) EXPECT_GE(mine, 4);
}

TEST(BandwidthTest, AStopEndsTheWaitOfWhoIsFirstAndOfWhoIsBehind) {
  Bandwidth bandwidth(SystemClock(), Always(10'000));
  bandwidth.Take(kMegabyte, {});
  std::stop_source stop;
  const Duration begin = SystemClock().Monotonic();
  {
    std::vector<std::jthread> takers;
    for (int i = 0; i < 3; ++i) {
      takers.emplace_back(
          [&] { EXPECT_ERROR(bandwidth.TakeAll(kMegabyte, stop.get_token()), ErrorKind::kCancelled, testing::_); });
    }
    stop.request_stop();
  }
  EXPECT_LT(SystemClock().Monotonic() - begin, 20s);
}

TEST(BandwidthTest, OneThatWasStoppedLeavesTheOthersTheirTurn) {
  test::ManualClock clock(kBegin);
  Bandwidth bandwidth(clock, Always(kMegabyte));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(bandwidth.Take(1000, stop.get_token()), 0U);
  EXPECT_EQ(bandwidth.Take(1000, {}), 1000U);
}

}  // namespace
}  // namespace cofre::io
