#include "cli/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "tests/support/expect_error.h"

namespace cofre::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ParseNumberTest, TakesWhatIsInItsBounds) {
  EXPECT_EQ(ParseNumber("0", "the port", 0, 65535), 0U);
  EXPECT_EQ(ParseNumber(" 65535 ", "the port", 0, 65535), 65535U);
  for (const char* text : {"", "-1", "65536", "1.5", "0x10", "12a", "99999999999999999999999"}) {
    EXPECT_ERROR(ParseNumber(text, "the port", 0, 65535), ErrorKind::kUsage,
                 AllOf(HasSubstr("the port"), HasSubstr("0 to 65535")));
  }
}

TEST(ParseShareTest, TakesPercentAndFractions) {
  EXPECT_DOUBLE_EQ(ParseShare("5%", "x"), 0.05);
  EXPECT_DOUBLE_EQ(ParseShare("0.05", "x"), 0.05);
  EXPECT_DOUBLE_EQ(ParseShare("0", "x"), 0);
  EXPECT_DOUBLE_EQ(ParseShare("100 %", "x"), 1);
  for (const char* text : {"", "%", "5", "101%", "-1%", "nan", "inf", "5%%"}) {
    EXPECT_ERROR(ParseShare(text, "--max-unused"), ErrorKind::kUsage, HasSubstr("--max-unused"));
  }
}

TEST(ParseMomentTest, TakesAnHourADayAndAnHourAndAnExactTime) {
  const planner::TimeZone bogota = planner::TimeZone::Find("America/Bogota");
  const TimePoint now = ParseTime("2026-11-24T15:00:00Z").value();  // 10:00 there
  const auto parse = [&](const char* text) { return FormatTime(ParseMoment(text, bogota, now)); };
  EXPECT_EQ(parse("23:30"), "2026-11-25T04:30:00Z");
  EXPECT_EQ(parse("10:00"), "2026-11-25T15:00:00Z");
  EXPECT_EQ(parse("01:00"), "2026-11-25T06:00:00Z");
  EXPECT_EQ(parse("2026-12-31 23:30"), "2027-01-01T04:30:00Z");
  EXPECT_EQ(parse(" 2026-12-31T23:30 "), "2027-01-01T04:30:00Z");
  EXPECT_EQ(parse("2026-12-31T23:30:00Z"), "2026-12-31T23:30:00Z");
  for (const char* text : {"", "tomorrow", "25:00", "2026-12-31", "2026-02-30 01:00", "2026-12-31 1"}) {
    EXPECT_ERROR(ParseMoment(text, bogota, now), ErrorKind::kUsage, HasSubstr("is not a time"));
  }
}

TEST(AbsolutePathTest, MeansTheSameLaterFromAnotherFolder) {
  EXPECT_EQ(AbsolutePath(""), "");
  EXPECT_EQ(AbsolutePath("/a/../b"), "/b");
  EXPECT_EQ(AbsolutePath("x").front(), '/');
}

TEST(ParseSinceTest, TakesASpanADayOrAnExactTimeThatLiesBehind) {
  const planner::TimeZone bogota = planner::TimeZone::Find("America/Bogota");
  const TimePoint now = ParseTime("2026-11-24T15:00:00Z").value();
  const auto parse = [&](const char* text) { return FormatTime(ParseSince(text, bogota, now)); };
  EXPECT_EQ(parse("90m"), "2026-11-24T13:30:00Z");
  EXPECT_EQ(parse(" 24h "), "2026-11-23T15:00:00Z");
  EXPECT_EQ(parse("7d"), "2026-11-17T15:00:00Z");
  EXPECT_EQ(parse("2026-11-24"), "2026-11-24T05:00:00Z");
  EXPECT_EQ(parse("2026-11-23 18:00"), "2026-11-23T23:00:00Z");
  EXPECT_EQ(parse("2026-11-24T14:59:00Z"), "2026-11-24T14:59:00Z");
  for (const char* text : {"", "d", "-1d", "1w", "yesterday", "2026-02-30", "99999999d"}) {
    EXPECT_ERROR(ParseSince(text, bogota, now), ErrorKind::kUsage, HasSubstr("is not a time since when"));
  }
  for (const char* text : {"2026-11-25", "01:00"}) {
    EXPECT_ERROR(ParseSince(text, bogota, now), ErrorKind::kUsage, HasSubstr("has not come yet"));
  }
}

TEST(ExitCodeTest, SeveralFailuresOfOneKindKeepTheirCode) {
  EXPECT_EQ(CombineExitCodes(kExitOk, kExitOk), kExitOk);
  EXPECT_EQ(CombineExitCodes(kExitOk, kExitAuth), kExitAuth);
  EXPECT_EQ(CombineExitCodes(kExitAuth, kExitOk), kExitAuth);
  EXPECT_EQ(CombineExitCodes(kExitAuth, kExitAuth), kExitAuth);
  EXPECT_EQ(CombineExitCodes(kExitAuth, kExitQuota), kExitPermanent);
}

}  // namespace
}  // namespace cofre::cli
