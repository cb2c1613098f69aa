#include "model/bandwidth.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "model/company.h"

namespace cofre {
namespace {

constexpr uint64_t kLeast = 10'000;
constexpr uint64_t kMost = 100'000'000'000;
constexpr const char* kExample = "write a number and a unit, as in 20 MB/s, 512 kB/s or 100 Mbit/s";

struct Unit {
  std::string_view name;
  double bytes;
};

// Spelt exactly: Mb/s means bits to some and bytes to others.
constexpr std::array<Unit, 10> kUnits = {{
    {"GB/s", 1e9},
    {"MB/s", 1e6},
    {"kB/s", 1e3},
    {"KB/s", 1e3},
    {"GiB/s", 1073741824.0},
    {"MiB/s", 1048576.0},
    {"KiB/s", 1024.0},
    {"Gbit/s", 125e6},
    {"Mbit/s", 125e3},
    {"kbit/s", 125.0},
}};

WindowWords WordsFor(std::string_view key) {
  return {.key = key,
          .example = "write them as in 07:00-19:00=2 MB/s, 19:00-07:00=20 MB/s: from, to, rate",
          .apart = "let one end where the other begins: 07:00-19:00=2 MB/s, 19:00-07:00=20 MB/s",
          .whole_day = "for the whole day write the rate alone and leave the window out"};
}

}  // namespace

uint64_t BandwidthLimit::At(std::chrono::minutes of_day) const {
  for (const BandwidthWindow& window : windows) {
    if (window.Contains(of_day)) return window.bytes_per_second;
  }
  return bytes_per_second;
}

uint64_t ParseBandwidth(std::string_view text) {
  const std::string_view whole = Trimmed(text);
  const std::string_view digits = whole.substr(0, std::min(whole.find_first_not_of("0123456789."), whole.size()));
  const std::string_view unit = Trimmed(whole.substr(digits.size()));
  double number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc() || end != digits.data() + digits.size()) {
    throw Error(ErrorKind::kUsage, Quoted(text) + " is no bandwidth", kExample);
  }
  double bytes = -1;
  for (const Unit& known : kUnits) {
    if (known.name == unit) bytes = number * known.bytes;
  }
  if (number == 0) {
    throw Error(ErrorKind::kUsage, Quoted(text) + " would let nothing pass",
                "for no limit leave the line out; cofre pause stops everything for a while");
  }
  if (bytes < 0) throw Error(ErrorKind::kUsage, Quoted(text) + " has no unit that is known", kExample);
  if (bytes < static_cast<double>(kLeast) || bytes > static_cast<double>(kMost)) {
    throw Error(ErrorKind::kUsage, Quoted(text) + " is out of any use", "it is from 10 kB/s to 100 GB/s");
  }
  return static_cast<uint64_t>(std::llround(bytes));
}

std::vector<BandwidthWindow> ParseBandwidthWindows(std::string_view text, std::string_view key) {
  const WindowWords words = WordsFor(key);
  const std::vector<WrittenWindow> written = ParseDayWindows(text, words);
  RequireApart(written, words);
  std::vector<BandwidthWindow> windows;
  for (const WrittenWindow& one : written) windows.push_back({one.window, ParseBandwidth(one.value)});
  return windows;
}

std::string FormatBandwidth(uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return "no limit";
  for (const Unit& unit : {kUnits[0], kUnits[1]}) {
    if (static_cast<double>(bytes_per_second) >= unit.bytes) {
      return fmt::format("{:.4g} {}", static_cast<double>(bytes_per_second) / unit.bytes, unit.name);
    }
  }
  return fmt::format("{:.4g} kB/s", static_cast<double>(bytes_per_second) / 1e3);
}

std::string FormatBandwidth(const BandwidthLimit& limit) {
  std::string text = FormatBandwidth(limit.bytes_per_second);
  for (const BandwidthWindow& window : limit.windows) {
    text += fmt::format(", {}-{} {}", FormatBackupTime(window.from), FormatBackupTime(window.to),
                        FormatBandwidth(window.bytes_per_second));
  }
  return text;
}

}  // namespace cofre
