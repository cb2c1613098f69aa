#include "base/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/manual_clock.h"

namespace cofre {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RetryTest : public testing::Test {
 protected:
  // Runs a piece of work that fails with each of the errors in turn and then succeeds with the number of tries.
  int Run(std::vector<Error> failures) {
    int tries = 0;
    return Retry(policy_, clock_, random_, stop_.get_token(), [&] {
      if (static_cast<size_t>(tries) < failures.size()) throw failures[static_cast<size_t>(tries++)];
      return ++tries;
    });
  }
  static Error Transient() { return {ErrorKind::kTransient, "the server is busy"}; }

  RetryPolicy policy_{.max_tries = 4, .first_pause = milliseconds(100), .factor = 2, .max_pause = seconds(1)};
  test::ManualClock clock_{TimePoint{}};
  SeededRandom random_{1};
  std::stop_source stop_;
};

TEST_F(RetryTest, SuccessAtOnceNeedsNoPause) {
  EXPECT_EQ(Run({}), 1);
  EXPECT_EQ(clock_.slept(), Duration(0));
}

TEST_F(RetryTest, ATransientFailureIsTriedAgain) {
  EXPECT_EQ(Run({Transient(), Transient()}), 3);
  EXPECT_GE(clock_.slept(), milliseconds(50 + 100));
  EXPECT_LE(clock_.slept(), milliseconds(100 + 200));
}

TEST_F(RetryTest, AnyOtherFailureIsNot) {
  for (const ErrorKind kind : {ErrorKind::kPermanent, ErrorKind::kNotFound, ErrorKind::kAuth, ErrorKind::kCorrupt,
                               ErrorKind::kCancelled, ErrorKind::kQuota, ErrorKind::kUsage}) {
    EXPECT_THROW(Run({Error(kind, "no")}), Error);
    EXPECT_EQ(clock_.slept(), Duration(0));
  }
}

TEST_F(RetryTest, GivingUpKeepsTheKindAndTheHintAndCountsTheTries) {
  try {
    Run({5, Error(ErrorKind::kTransient, "the server is busy", "wait a while")});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kTransient);
    EXPECT_THAT(error.what(), testing::MatchesRegex("gave up after 4 tries in 0\\.[0-9] s: the server is busy"));
    EXPECT_EQ(error.hint(), "wait a while");
  }
}

TEST_F(RetryTest, AStopDuringAPauseEndsIt) {
  int tries = 0;
  const auto work = [&] {
    ++tries;
    stop_.request_stop();
    throw Transient();
  };
  try {
    Retry(policy_, clock_, random_, stop_.get_token(), work);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCancelled);
  }
  EXPECT_EQ(tries, 1);
}

TEST_F(RetryTest, AForeignExceptionPassesThrough) {
  EXPECT_THROW(Retry(policy_, clock_, random_, {}, []() -> int { throw std::bad_alloc(); }), std::bad_alloc);
}

TEST_F(RetryTest, WhatTheOtherSideAsksForIsHonoured) {
  Error busy = Transient();
  busy.WithRetryAfter(milliseconds(700));
  Run({busy});
  EXPECT_GE(clock_.slept(), milliseconds(700));
  EXPECT_LE(clock_.slept(), milliseconds(800));
}

TEST(RetryPauseTest, GrowsUpToItsBound) {
  const RetryPolicy policy{.max_tries = 100, .first_pause = milliseconds(100), .factor = 3, .max_pause = seconds(2)};
  std::vector<int64_t> pauses;
  for (int tries = 1; tries <= 5; ++tries) {
    pauses.push_back(RetryPause(policy, tries, milliseconds(0), std::nullopt, 1)->count());
  }
  EXPECT_THAT(pauses, testing::ElementsAre(100, 300, 900, 2000, 2000));
  EXPECT_EQ(RetryPause(policy, 99, milliseconds(0), std::nullopt, 1), seconds(2)) << "no overflow";
}

TEST(RetryPauseTest, IsJitteredOverItsUpperHalf) {
  const RetryPolicy policy{.first_pause = milliseconds(100)};
  EXPECT_EQ(RetryPause(policy, 1, milliseconds(0), std::nullopt, 0), milliseconds(50));
  EXPECT_EQ(RetryPause(policy, 1, milliseconds(0), std::nullopt, 0.5), milliseconds(75));
}

TEST(RetryPauseTest, EndsAfterTheTries) {
  const RetryPolicy policy{.max_tries = 3};
  EXPECT_TRUE(RetryPause(policy, 2, milliseconds(0), std::nullopt, 0));
  EXPECT_FALSE(RetryPause(policy, 3, milliseconds(0), std::nullopt, 0));
}

TEST(RetryPauseTest, EndsWhereThePauseWouldPassTheTotalTime) {
  const RetryPolicy policy{.first_pause = seconds(1), .total = seconds(10)};
  EXPECT_TRUE(RetryPause(policy, 1, milliseconds(9500), std::nullopt, 0));
  EXPECT_FALSE(RetryPause(policy, 1, milliseconds(9501), std::nullopt, 0));
}

TEST(RetryPauseTest, AnAbsurdRequestToWaitIsBounded) {
  const RetryPolicy policy{.first_pause = milliseconds(1), .max_pause = seconds(30)};
  EXPECT_EQ(RetryPause(policy, 1, milliseconds(0), std::chrono::hours(1000), 0), seconds(30));
  EXPECT_EQ(RetryPause(policy, 1, milliseconds(0), seconds(-5), 1), milliseconds(1));
}

}  // namespace
}  // namespace cofre
