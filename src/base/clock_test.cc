#include "base/clock.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/processor_time.h"
#include "base/random.h"

namespace cofre {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

TimePoint At(std::chrono::year_month_day day, Duration time = {}) { return TimePoint(sys_days(day)) + time; }

TEST(FormatTimeTest, WholeSecondsHaveNoFraction) {
  EXPECT_EQ(FormatTime(TimePoint{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(At(2026y / 11 / 24, 1h + 2min + 3s)), "2026-11-24T01:02:03Z");
}

TEST(FormatTimeTest, AFractionHasNoTrailingZeros) {
  EXPECT_EQ(FormatTime(TimePoint(500ms)), "1970-01-01T00:00:00.5Z");
  EXPECT_EQ(FormatTime(TimePoint(1ns)), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(FormatTime(TimePoint(123456780ns)), "1970-01-01T00:00:00.12345678Z");
}

TEST(FormatTimeTest, BeforeTheEpochItCountsForwardToo) {
  EXPECT_EQ(FormatTime(TimePoint(-1ns)), "1969-12-31T23:59:59.999999999Z");
}

TEST(ParseTimeTest, ReadsWhatFormatTimeWrites) {
  SeededRandom random(7);
  for (int i = 0; i < 1000; ++i) {
    const TimePoint time(Duration(static_cast<int64_t>(random.Below(9'000'000'000'000'000'000))));
    EXPECT_EQ(ParseTime(FormatTime(time)), time) << FormatTime(time);
  }
}

TEST(ParseTimeTest, AnOffsetIsTakenAway) {
  EXPECT_EQ(ParseTime("2026-11-23T20:00:00-05:00"), At(2026y / 11 / 24, 1h));
  EXPECT_EQ(ParseTime("2026-11-24T06:30:00+05:30"), At(2026y / 11 / 24, 1h));
  EXPECT_EQ(ParseTime("2022-10-02T20:13:50.298129363+02:00"), At(2022y / 10 / 2, 18h + 13min + 50s + 298129363ns));
}

TEST(ParseTimeTest, LowerCaseAndABlankAreAllowedAsRfc3339Says) {
  EXPECT_EQ(ParseTime("2026-11-24t01:00:00z"), At(2026y / 11 / 24, 1h));
  EXPECT_EQ(ParseTime("2026-11-24 01:00:00Z"), At(2026y / 11 / 24, 1h));
}

TEST(ParseTimeTest, DaysThatDoNotExistAreRefused) {
  EXPECT_TRUE(ParseTime("2024-02-29T00:00:00Z"));
  for (const char* text : {"2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(ParseTimeTest, AnythingElseIsRefused) {
  for (const char* text :
       {"", "2026", "2026-11-24", "2026-11-24T01:00:00", "2026-11-24T01:00Z", "2026-11-24T24:00:00Z",
        "2026-11-24T01:60:00Z", "2026-11-24T01:00:60Z", "2026-11-24T01:00:00.Z", "2026-11-24T01:00:00.1234567891Z",
        "2026-11-24T01:00:00+0500", "2026-11-24T01:00:00+24:00", "2026-11-24T01:00:00+05:60", "2026-11-24T01:00:00Z ",
        " 2026-11-24T01:00:00Z", "20261-11-24T01:00:00Z", "-026-11-24T01:00:00Z", "2026-1a-24T01:00:00Z",
        "2026/11/24T01:00:00Z"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(ParseTimeTest, YearsThatDoNotFitIn64BitsOfNanosecondsAreRefused) {
  EXPECT_EQ(ParseTime("2262-01-01T00:00:00Z"), std::nullopt);
  EXPECT_EQ(ParseTime("0001-01-01T00:00:00Z"), std::nullopt);
  EXPECT_EQ(FormatTime(*ParseTime("2261-12-31T23:59:59.999999999-23:59")), "2262-01-01T23:58:59.999999999Z");
  EXPECT_EQ(FormatTime(*ParseTime("1700-01-01T00:00:00+23:59")), "1699-12-31T00:01:00Z");
}

TEST(SystemClockTest, MonotonicNeverGoesBack) {
  const Duration first = SystemClock().Monotonic();
  EXPECT_GE(SystemClock().Monotonic(), first);
}

TEST(SystemClockTest, NowIsTheWallTime) {
  const TimePoint now = SystemClock().Now();
  EXPECT_LT(std::chrono::abs(now - std::chrono::system_clock::now()), 1min);
}

TEST(SystemClockTest, SleepForWaits) {
  const Duration begin = SystemClock().Monotonic();
  SystemClock().SleepFor(20ms, {});
  EXPECT_GE(SystemClock().Monotonic() - begin, 20ms);
}

TEST(SystemClockTest, AStopEndsTheLongestSleep) {
  std::stop_source source;
  std::jthread stopper([&] { source.request_stop(); });
  SystemClock().SleepFor(Duration::max(), source.get_token());
  EXPECT_TRUE(source.stop_requested());
}

TEST(SystemClockTest, ANegativePauseIsNone) { SystemClock().SleepFor(-1h, {}); }

TEST(ThreadProcessorTimeTest, GrowsWithWork) {
  const Duration begin = ThreadProcessorTime();
  Duration now = begin;
  for (int i = 0; i < 100'000'000 && now == begin; ++i) now = ThreadProcessorTime();
  EXPECT_GT(now, begin);
}

}  // namespace
}  // namespace cofre
