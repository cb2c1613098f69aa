#pragma once

// Time, passed in. Nothing outside this file asks the system what time it is, so that a year runs in a second under
// test.

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace cofre {

// UTC.
using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time, which may jump when somebody sets the machine's clock.
  virtual TimePoint Now() const = 0;

  // Never jumps; for how long something took. Its zero is arbitrary.
  virtual Duration Monotonic() const = 0;

  // Waits, or returns early when `stop` is requested. Safe from any thread.
  virtual void SleepFor(Duration pause, std::stop_token stop) = 0;
};

// The machine's clock. Thread-safe.
Clock& SystemClock();

// RFC 3339 in UTC, with nanoseconds where they are not zero: "2026-11-24T01:00:00Z", "...:00.5Z" (no trailing zeros,
// as Go writes it and restic re-encodes it).
std::string FormatTime(TimePoint time);
// RFC 3339 with any offset and up to nine fraction digits; nullopt for anything else, also 30 February.
std::optional<TimePoint> ParseTime(std::string_view text);

}  // namespace cofre
