#include "planner/local_time.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <stdexcept>

#include "base/error.h"
#include "base/text.h"

namespace cofre::planner {
namespace {

// nullptr for a name that the database doesn't have.
const date::time_zone* Locate(std::string_view name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace

TimeZone TimeZone::Find(const std::string& name) {
  if (const date::time_zone* zone = Locate(name)) return TimeZone(zone);
  if (Locate("Etc/UTC") == nullptr) {
    throw Error(ErrorKind::kPermanent, "this machine has no time zone database", "install the package tzdata");
  }
  throw Error(ErrorKind::kUsage, "the time zone " + Quoted(name) + " does not exist",
              "write a name as in America/Bogota; timedatectl list-timezones shows them all");
}

bool TimeZone::IsKnown(std::string_view name) { return Locate(name) != nullptr; }

std::string TimeZone::name() const { return zone_->name(); }

Duration TimeZone::Local(TimePoint time) const {
  return zone_->to_local(date::sys_time<Duration>(time.time_since_epoch())).time_since_epoch();
}

std::chrono::local_days TimeZone::DayOf(TimePoint time) const {
  return std::chrono::local_days(std::chrono::floor<std::chrono::days>(Local(time)));
}

TimePoint TimeZone::At(std::chrono::local_days day, std::chrono::minutes after_midnight) const {
  const date::local_time<Duration> local(day.time_since_epoch() + after_midnight);
  // In a gap this is the moment at which clocks skip.
  return TimePoint(zone_->to_sys(local, date::choose::earliest).time_since_epoch());
}

std::chrono::minutes TimeZone::MinuteOfDay(TimePoint time) const {
  const Duration local = Local(time);
  return std::chrono::floor<std::chrono::minutes>(local - std::chrono::floor<std::chrono::days>(local));
}

TimePoint TimeZone::BeginOfHour(TimePoint time) const {
  const Duration local = Local(time);
  return time - (local - std::chrono::floor<std::chrono::hours>(local));
}

std::string TimeZone::Format(TimePoint time) const {
  const auto minutes = MinuteOfDay(time).count();
  return fmt::format("{} {:02}:{:02}", FormatDay(DayOf(time)), minutes / 60, minutes % 60);
}

std::string FormatDay(std::chrono::local_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::chrono::local_days ParseDay(std::string_view text) {
  // What a day looks like is what FormatDay makes of the moment it names.
  const std::string_view trimmed = Trimmed(text);
  if (const auto time = ParseTime(std::string(trimmed) + "T00:00:00Z")) {
    const std::chrono::local_days day(std::chrono::floor<std::chrono::days>(time->time_since_epoch()));
    if (FormatDay(day) == trimmed) return day;
  }
  throw Error(ErrorKind::kUsage, Quoted(text) + " is not a date", "write year, month and day, as in 2026-12-31");
}

int CurrentFiscalYear(TimePoint now, const TimeZone& zone, unsigned first_month) {
  const std::chrono::year_month_day today(zone.DayOf(now));
  const int year = static_cast<int>(today.year());
  return static_cast<unsigned>(today.month()) >= first_month ? year : year - 1;
}

}  // namespace cofre::planner
