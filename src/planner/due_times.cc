#include "planner/due_times.h"

namespace cofre::planner {

using std::chrono::days;

Slot SlotAt(const TimeZone& zone, std::chrono::minutes of_day, TimePoint now) {
  // Where clocks go back over midnight, a day after that of `now` may have begun already.
  std::chrono::local_days day = zone.DayOf(now) + days(1);
  Slot slot;
  slot.next_due = zone.At(day + days(1), of_day);
  for (;; day -= days(1)) {
    if (zone.BeginOf(day) == zone.BeginOf(day + days(1))) continue;
    slot.day = day;
    slot.due = zone.At(day, of_day);
    if (slot.due <= now) return slot;
    slot.next_due = slot.due;
  }
}

DueTimes::DueTimes(const std::vector<TimeZone>& zones, TimePoint now)
    : zones_(zones), now_(now), times_(zones.size()) {}

DueTimes::ZoneTimes& DueTimes::Of(size_t zone) {
  std::unique_ptr<ZoneTimes>& times = times_.at(zone);
  if (times == nullptr) times = std::make_unique<ZoneTimes>();
  return *times;
}

const Slot& DueTimes::SlotOf(size_t zone, size_t minute) {
  ZoneTimes& times = Of(zone);
  Slot& slot = times.slots.at(minute);
  if (!times.known.at(minute)) {
    slot = SlotAt(zones_[zone], std::chrono::minutes(minute), now_);
    times.known.at(minute) = true;
  }
  return slot;
}

int DueTimes::CurrentYear(size_t zone, size_t first_month) {
  std::optional<int>& year = Of(zone).years.at(first_month);
  if (!year) year = CurrentFiscalYear(now_, zones_[zone], static_cast<unsigned>(first_month));
  return *year;
}

}  // namespace cofre::planner
