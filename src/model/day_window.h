#pragma once

// Parts of the local day in which another number holds, written "22:00-06:00=30, 06:00-22:00=10". Values only.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace cofre {

struct DayWindow {
  std::chrono::minutes from{0};  // after local midnight; inside
  std::chrono::minutes to{0};    // outside; before `from`: the window goes over midnight

  bool Contains(std::chrono::minutes of_day) const {
    return from < to ? from <= of_day && of_day < to : of_day >= from || of_day < to;
  }
  bool operator==(const DayWindow&) const = default;
};

// A window as a setting has it: what stands behind '=' is not looked at here.
struct WrittenWindow {
  DayWindow window;
  std::string value;

  std::string Text() const;  // "22:00-06:00=30"
};

// How messages speak of a setting that has windows.
struct WindowWords {
  std::string_view key;        // "ventanas"
  std::string_view example;    // "write them as in 22:00-06:00=30, ..."
  std::string_view apart;      // what to do where two overlap
  std::string_view whole_day;  // what to write for all of the day instead
};

// Empty text: none. Throws kind usage for what is not written so.
std::vector<WrittenWindow> ParseDayWindows(std::string_view text, const WindowWords& words);

// Throws kind usage, with the windows' own text, for more than 24, for one that is not within the day or is empty, and
// for two that have a minute in common.
void RequireApart(const std::vector<WrittenWindow>& windows, const WindowWords& words);

}  // namespace cofre
