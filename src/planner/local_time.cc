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

std::chrono::local_days TimeZone::DayOf(TimePoint time) const {
  const auto local = zone_->to_local(date::sys_time<Duration>(time.time_since_epoch()));
  return std::chrono::local_days(std::chrono::floor<std::chrono::days>(local.time_since_epoch()));
}

std::string FormatDay(std::chrono::local_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

int CurrentFiscalYear(TimePoint now, const TimeZone& zone, unsigned first_month) {
  const std::chrono::year_month_day today(zone.DayOf(now));
  const int year = static_cast<int>(today.year());
  return static_cast<unsigned>(today.month()) >= first_month ? year : year - 1;
}

}  // namespace cofre::planner
