#include "model/day_window.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "model/company.h"

namespace cofre {
namespace {

using std::chrono::minutes;

constexpr minutes kDay = std::chrono::hours(24);
constexpr size_t kMostWindows = 24;

// Two stretches of a day have a minute in common exactly when one of them begins inside the other.
bool Overlap(const DayWindow& a, const DayWindow& b) { return a.Contains(b.from) || b.Contains(a.from); }

WrittenWindow ParseWindow(std::string_view text, const WindowWords& words) {
  const size_t dash = text.find('-');
  const size_t equals = text.find('=');
  const std::string message = Quoted(text) + " is no time window";
  const std::string hint(words.example);
  if (dash == std::string_view::npos || equals == std::string_view::npos || dash > equals) {
    throw Error(ErrorKind::kUsage, message, hint);
  }
  const auto time = [&](std::string_view part) {
    try {
      return ParseBackupTime(part);
    } catch (const Error&) {
      throw Error(ErrorKind::kUsage, message + ": " + Quoted(Trimmed(part)) + " is not a time from 00:00 to 23:59",
                  hint);
    }
  };
  return {.window = {.from = time(text.substr(0, dash)), .to = time(text.substr(dash + 1, equals - dash - 1))},
          .value = std::string(Trimmed(text.substr(equals + 1)))};
}

}  // namespace

std::string WrittenWindow::Text() const {
  return fmt::format("{}-{}={}", FormatBackupTime(window.from), FormatBackupTime(window.to), value);
}

std::vector<WrittenWindow> ParseDayWindows(std::string_view text, const WindowWords& words) {
  std::vector<WrittenWindow> windows;
  if (Trimmed(text).empty()) return windows;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    windows.push_back(ParseWindow(Trimmed(text.substr(begin, end - begin)), words));
    begin = end + 1;
  }
  return windows;
}

void RequireApart(const std::vector<WrittenWindow>& windows, const WindowWords& words) {
  const auto refuse = [&](const std::string& message, std::string_view hint) {
    throw Error(ErrorKind::kUsage, fmt::format("{}: {}", words.key, message), std::string(hint));
  };
  if (windows.size() > kMostWindows) {
    refuse(fmt::format("there are {} windows", windows.size()), "leave it at 24 at most");
  }
  for (size_t i = 0; i < windows.size(); ++i) {
    const DayWindow& window = windows[i].window;
    if (window.from < minutes(0) || window.from >= kDay || window.to < minutes(0) || window.to >= kDay) {
      refuse("a window begins or ends outside of the day", words.example);
    }
    if (window.from == window.to) {
      refuse(windows[i].Text() + " begins and ends at the same time", words.whole_day);
    }
    for (size_t j = 0; j < i; ++j) {
      if (!Overlap(windows[j].window, window)) continue;
      refuse(fmt::format("{} and {} overlap", windows[j].Text(), windows[i].Text()), words.apart);
    }
  }
}

}  // namespace cofre
