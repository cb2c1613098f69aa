#pragma once

// When each company's daily hour was last and is next, and which fiscal year is current: worked out once for all that
// share a zone and an hour. Of one moment; private to the planner.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "planner/local_time.h"

namespace cofre::planner {

// One local day's hour.
struct Slot {
  std::chrono::local_days day{};  // the newest day whose hour has come
  TimePoint due{};                // when it came
  TimePoint next_due{};           // when the next day's comes
};

// Every local day has exactly one hour, however clocks are set: the first moment at which they show it, or the moment
// at which they skip it. A day that a zone skips as a whole (Samoa, 30 December 2011) has none.
Slot SlotAt(const TimeZone& zone, std::chrono::minutes of_day, TimePoint now);

class DueTimes {
 public:
  // Keeps a reference to `zones`.
  DueTimes(const std::vector<TimeZone>& zones, TimePoint now);

  // `zone` is a position, `minute` is below 1440, `first_month` from 1 to 12.
  const Slot& SlotOf(size_t zone, size_t minute);
  int CurrentYear(size_t zone, size_t first_month);

 private:
  static constexpr size_t kMinutes = 1440;
  struct ZoneTimes {
    std::array<Slot, kMinutes> slots;
    std::array<bool, kMinutes> known{};
    std::array<std::optional<int>, 13> years;  // by first month
  };
  ZoneTimes& Of(size_t zone);

  const std::vector<TimeZone>& zones_;
  TimePoint now_;
  std::vector<std::unique_ptr<ZoneTimes>> times_;  // made when first asked for
};

}  // namespace cofre::planner
