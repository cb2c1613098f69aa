#include "planner/local_time.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace cofre::planner {
namespace {

TimePoint At(const char* text) { return ParseTime(text).value(); }
std::string DayAt(const char* zone, const char* time) { return FormatDay(TimeZone::Find(zone).DayOf(At(time))); }

TEST(TimeZoneTest, ADayBeginsAtLocalMidnight) {
  EXPECT_EQ(DayAt("America/Bogota", "2026-11-24T04:59:59.999999999Z"), "2026-11-23");
  EXPECT_EQ(DayAt("America/Bogota", "2026-11-24T05:00:00Z"), "2026-11-24");
  EXPECT_EQ(DayAt("Etc/UTC", "2026-11-24T00:00:00Z"), "2026-11-24");
  EXPECT_EQ(DayAt("Pacific/Kiritimati", "2026-11-24T10:00:00Z"), "2026-11-25");
}

TEST(TimeZoneTest, DaylightSavingMovesMidnight) {
  // Chile: UTC-3 in summer until 4 April 2026, then UTC-4.
  EXPECT_EQ(DayAt("America/Santiago", "2026-04-04T02:59:00Z"), "2026-04-03");
  EXPECT_EQ(DayAt("America/Santiago", "2026-04-04T03:00:00Z"), "2026-04-04");
  EXPECT_EQ(DayAt("America/Santiago", "2026-04-05T03:30:00Z"), "2026-04-04");
  EXPECT_EQ(DayAt("America/Santiago", "2026-04-05T04:00:00Z"), "2026-04-05");
}

TEST(TimeZoneTest, TimesBefore1970HaveADayToo) { EXPECT_EQ(DayAt("Etc/UTC", "1969-12-31T23:59:59.5Z"), "1969-12-31"); }

TEST(TimeZoneTest, AnUnknownZoneIsRefusedWithAnExample) {
  for (const char* name : {"", "America/Bogotá", "America/Bogot", "america", "../etc/passwd", "Bogota"}) {
    EXPECT_FALSE(TimeZone::IsKnown(name)) << name;
    try {
      TimeZone::Find(name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_NE(error.hint().find("America/Bogota"), std::string::npos);
    }
  }
  EXPECT_TRUE(TimeZone::IsKnown("America/Bogota"));
  EXPECT_EQ(TimeZone::Find("America/Bogota").name(), "America/Bogota");
}

TEST(TimeZoneTest, ADayHasAFirstMomentAlsoWhereClocksSkipMidnight) {
  const TimeZone bogota = TimeZone::Find("America/Bogota");
  EXPECT_EQ(bogota.BeginOf(ParseDay("2026-11-24")), At("2026-11-24T05:00:00Z"));
  // Santiago goes from 23:59:59 to 01:00 on 6 September 2026.
  const TimeZone santiago = TimeZone::Find("America/Santiago");
  EXPECT_EQ(santiago.BeginOf(ParseDay("2026-09-06")), At("2026-09-06T04:00:00Z"));
}

TEST(TimeZoneTest, ShowsTheLocalClock) {
  EXPECT_EQ(TimeZone::Find("America/Bogota").Format(At("2026-11-24T03:05:59Z")), "2026-11-23 22:05");
  EXPECT_EQ(TimeZone::Find("Etc/UTC").Format(At("1969-12-31T23:59:59Z")), "1969-12-31 23:59");
}

TEST(ParseDayTest, ReadsWhatFormatDayWrites) {
  EXPECT_EQ(FormatDay(ParseDay("2026-12-31")), "2026-12-31");
  EXPECT_EQ(FormatDay(ParseDay(" 2028-02-29 ")), "2028-02-29");
}

TEST(ParseDayTest, RefusesWhatIsNoDay) {
  for (const char* text :
       {"", "2026", "2026-02-30", "31-12-2026", "2026-1-2", "2026-12-31T", "tomorrow", "20260-01-01"}) {
    EXPECT_THROW(ParseDay(text), Error) << text;
  }
}

TEST(FiscalYearTest, ItTurnsAtLocalMidnightOfNewYear) {
  const TimeZone bogota = TimeZone::Find("America/Bogota");
  EXPECT_EQ(CurrentFiscalYear(At("2027-01-01T04:59:59Z"), bogota, 1), 2026);
  EXPECT_EQ(CurrentFiscalYear(At("2027-01-01T05:00:00Z"), bogota, 1), 2027);
}

TEST(FiscalYearTest, ItMayBeginInAnotherMonth) {
  const TimeZone bogota = TimeZone::Find("America/Bogota");
  EXPECT_EQ(CurrentFiscalYear(At("2026-07-01T04:59:59Z"), bogota, 7), 2025);
  EXPECT_EQ(CurrentFiscalYear(At("2026-07-01T05:00:00Z"), bogota, 7), 2026);
  EXPECT_EQ(CurrentFiscalYear(At("2026-12-31T12:00:00Z"), bogota, 12), 2026);
}

TEST(FiscalYearTest, AYearThatHasNotBegunIsCurrent) {
  EXPECT_TRUE(IsCurrentFiscalYear(2027, 2026));
  EXPECT_TRUE(IsCurrentFiscalYear(2026, 2026));
  EXPECT_FALSE(IsCurrentFiscalYear(2025, 2026));
}

}  // namespace
}  // namespace cofre::planner
