#pragma once

// Local time: the one place that knows time zones (Howard Hinnant's date library over the system's zone database).

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace date {
class time_zone;
}

namespace cofre::planner {

// A zone of the system's database, as in "America/Bogota". Cheap to copy, valid for ever, usable from any thread.
class TimeZone {
 public:
  // Throws kind usage for a name that the database doesn't have, and permanent where there is no database (tzdata).
  static TimeZone Find(const std::string& name);
  static bool IsKnown(std::string_view name);

  std::string name() const;

  // The calendar day there at that moment.
  std::chrono::local_days DayOf(TimePoint time) const;

  // The moment at which clocks there first show that time of that day. Where they skip it, the moment of the skip.
  TimePoint At(std::chrono::local_days day, std::chrono::minutes after_midnight) const;

  // The first moment of that day there, also where clocks skip midnight.
  TimePoint BeginOf(std::chrono::local_days day) const { return At(day, std::chrono::minutes(0)); }

  // What clocks there show, without the seconds.
  std::chrono::minutes MinuteOfDay(TimePoint time) const;

  // The last moment, not after `time`, at which clocks there showed a full hour.
  TimePoint BeginOfHour(TimePoint time) const;

  // For people: "2026-11-24 01:00", as a clock there showed.
  std::string Format(TimePoint time) const;

 private:
  Duration Local(TimePoint time) const;  // what clocks there show, since 1970-01-01 00:00 of their own
  explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}
  const date::time_zone* zone_;
};

// "2026-11-24".
std::string FormatDay(std::chrono::local_days day);
// And back; throws kind usage for anything else, also 30 February.
std::chrono::local_days ParseDay(std::string_view text);

// The fiscal year that `now` belongs to: year Y begins with the month `first_month` (1 to 12) of Y.
int CurrentFiscalYear(TimePoint now, const TimeZone& zone, unsigned first_month);

// The current one, and those that have not begun.
inline bool IsCurrentFiscalYear(int year, int current) { return year >= current; }

}  // namespace cofre::planner
