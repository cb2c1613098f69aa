#include "planner/due_times.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/random.h"

namespace cofre::planner {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

TimePoint At(const char* text) { return ParseTime(text).value(); }

struct Hour {
  const char* zone;
  const char* day;
  const char* time;  // hora_backup
  const char* utc;   // the moment at which it comes
};
void PrintTo(const Hour& hour, std::ostream* out) { *out << hour.zone << ' ' << hour.day << ' ' << hour.time; }

std::chrono::minutes OfDay(const std::string& time) {
  return std::chrono::minutes(std::stoi(time.substr(0, 2)) * 60 + std::stoi(time.substr(3)));
}

class HourTest : public ::testing::TestWithParam<Hour> {};

TEST_P(HourTest, ComesAtOneMoment) {
  const TimeZone zone = TimeZone::Find(GetParam().zone);
  const TimePoint due = At(GetParam().utc);
  const Slot before = SlotAt(zone, OfDay(GetParam().time), due - 1ns);
  EXPECT_EQ(FormatTime(before.next_due), FormatTime(due));
  const Slot then = SlotAt(zone, OfDay(GetParam().time), due);
  EXPECT_EQ(FormatDay(then.day), GetParam().day);
  EXPECT_EQ(FormatTime(then.due), FormatTime(due));
}

INSTANTIATE_TEST_SUITE_P(
    AllZones, HourTest,
    ::testing::Values(Hour{"America/Bogota", "2026-11-24", "01:00", "2026-11-24T06:00:00Z"},
                      // New York skips 02:00 to 03:00 on 8 March and repeats 01:00 to 02:00 on 1 November.
                      Hour{"America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00:00Z"},
                      Hour{"America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00:00Z"},
                      Hour{"America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z"},
                      Hour{"America/New_York", "2026-11-01", "02:30", "2026-11-01T07:30:00Z"},
                      Hour{"Europe/Madrid", "2026-03-29", "02:30", "2026-03-29T01:00:00Z"},
                      Hour{"Europe/Madrid", "2026-10-25", "02:30", "2026-10-25T00:30:00Z"},
                      // Lord Howe moves by half an hour: skips 02:00 to 02:30, repeats 01:30 to 02:00.
                      Hour{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30:00Z"},
                      Hour{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z"},
                      // Santiago skips 00:00 to 01:00, and goes from 24:00 back to 23:00.
                      Hour{"America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:00:00Z"},
                      Hour{"America/Santiago", "2026-04-04", "23:30", "2026-04-05T02:30:00Z"},
                      Hour{"America/Santiago", "2026-04-05", "00:00", "2026-04-05T04:00:00Z"},
                      // Samoa had no 30 December 2011.
                      Hour{"Pacific/Apia", "2011-12-29", "02:30", "2011-12-29T12:30:00Z"},
                      Hour{"Pacific/Apia", "2011-12-31", "02:30", "2011-12-30T12:30:00Z"},
                      Hour{"Asia/Kathmandu", "2026-11-24", "02:30", "2026-11-23T20:45:00Z"}));

// Walks through a year in uneven steps: each day of the calendar has its hour once, in order.
class YearOfHoursTest : public ::testing::TestWithParam<const char*> {};

TEST_P(YearOfHoursTest, EachDayComesOnceAndInOrder) {
  const TimeZone zone = TimeZone::Find(GetParam());
  SeededRandom random(7);
  for (const auto of_day : {0min, 29min, 90min, 119min, 150min, 1410min, 1439min}) {
    TimePoint now = At("2026-01-10T00:00:00Z");
    Slot slot = SlotAt(zone, of_day, now);
    const auto first = slot.day;
    int count = 0;
    while (now < At("2027-01-10T00:00:00Z")) {
      now += std::chrono::seconds(1 + random.Below(7200));
      const Slot next = SlotAt(zone, of_day, now);
      ASSERT_LE(next.due, now);
      ASSERT_GT(next.next_due, now);
      if (next.day == slot.day) {
        ASSERT_EQ(next.due, slot.due);
        continue;
      }
      ASSERT_EQ(next.day, slot.day + days(1));
      ASSERT_EQ(next.due, slot.next_due);
      slot = next;
      ++count;
    }
    EXPECT_EQ(count, (slot.day - first).count());
    EXPECT_GE(count, 364);
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, YearOfHoursTest,
                         ::testing::Values("America/Bogota", "America/New_York", "America/Santiago", "Europe/Madrid",
                                           "Australia/Lord_Howe", "America/Nuuk", "Africa/Casablanca", "Asia/Kathmandu",
                                           "Africa/Cairo", "America/Havana"));

TEST(DueTimesTest, RemembersWhatSlotAtSays) {
  const std::vector<TimeZone> zones = {TimeZone::Find("America/Bogota"), TimeZone::Find("Europe/Madrid")};
  const TimePoint now = At("2026-07-01T03:00:00Z");
  DueTimes times(zones, now);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(times.SlotOf(0, 60).due, SlotAt(zones[0], 60min, now).due);
    EXPECT_EQ(times.SlotOf(1, 61).due, SlotAt(zones[1], 61min, now).due);
  }
  EXPECT_EQ(times.CurrentYear(0, 7), 2025);
  EXPECT_EQ(times.CurrentYear(1, 7), 2026);
}

}  // namespace
}  // namespace cofre::planner
