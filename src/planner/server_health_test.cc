#include "planner/server_health.h"

#include <gtest/gtest.h>

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = ParseTime("2026-11-24T06:00:00Z").value();
const ServerPausePolicy kPolicy;

// After `count` failures, each at `now`; the events are summed up in `downs`.
ServerHealth Failed(ServerHealth health, uint32_t count, TimePoint now, int& downs) {
  for (uint32_t i = 0; i < count; ++i) {
    const HealthChange change = AfterFailure(health, now, kPolicy);
    health = change.health;
    if (change.event == HealthEvent::kDown) ++downs;
  }
  return health;
}

TEST(ServerHealthTest, FiveFailuresInARowPauseItAndAreSaidOnce) {
  int downs = 0;
  ServerHealth health = Failed({}, 4, kNow, downs);
  EXPECT_FALSE(health.failing());
  EXPECT_EQ(downs, 0);
  health = Failed(health, 1, kNow, downs);
  EXPECT_TRUE(health.failing());
  EXPECT_EQ(health.paused_until, kNow + 10min);
  health = Failed(health, 100, kNow + 1min, downs);
  EXPECT_EQ(health.paused_until, kNow + 10min);
  EXPECT_EQ(downs, 1);
}

TEST(ServerHealthTest, ASuccessInBetweenCountsFromZero) {
  int downs = 0;
  const ServerHealth health = AfterSuccess(Failed({}, 4, kNow, downs), kNow).health;
  EXPECT_FALSE(Failed(health, 4, kNow, downs).failing());
}

TEST(ServerHealthTest, RetriesCountOnlyAgainstAServerThatFailsAlready) {
  int downs = 0;
  const ServerHealth once = Failed({}, 1, kNow, downs);
  EXPECT_EQ(AfterFailure(once, kNow, kPolicy, 2).health, once);
  const ServerHealth down = Failed({}, 5, kNow, downs);
  EXPECT_GT(AfterFailure(down, kNow + 10min, kPolicy, 2).health.paused_until, kNow + 10min);
}

TEST(ServerHealthTest, EachPauseThatEndsInAFailureIsFollowedByALongerOne) {
  int downs = 0;
  TimePoint now = kNow;
  ServerHealth health = Failed({}, 5, now, downs);
  for (const auto pause : {20min, 40min, 80min, 120min, 120min}) {
    now = health.paused_until;
    health = Failed(health, 1, now, downs);
    EXPECT_EQ(health.paused_until, now + pause);
  }
  EXPECT_EQ(downs, 1);
}

TEST(ServerHealthTest, ThatItIsBackIsSaidOnceToo) {
  int downs = 0;
  const HealthChange back = AfterSuccess(Failed({}, 5, kNow, downs), kNow + 10min);
  EXPECT_EQ(back.event, HealthEvent::kBack);
  EXPECT_EQ(back.health.recovered_at, kNow + 10min);
  EXPECT_FALSE(back.health.failing());
  const HealthChange again = AfterSuccess(back.health, kNow + 11min);
  EXPECT_EQ(again.event, HealthEvent::kNone);
  EXPECT_EQ(again.health.recovered_at, kNow + 10min);
}

}  // namespace
}  // namespace cofre::planner
