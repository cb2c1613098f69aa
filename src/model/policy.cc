#include "model/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "model/company.h"

namespace cofre {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr minutes kDay = hours(24);
constexpr int64_t kMost = 1'000'000;  // of anything that is counted
constexpr size_t kMostPauses = 20;
constexpr WindowWords kWindows{
    .key = "ventanas",
    .example = "write them as in 22:00-06:00=30, 06:00-22:00=10: from, to, starts an hour",
    .apart = "let one end where the other begins: 22:00-06:00=30, 06:00-22:00=10",
    .whole_day = "for the whole day set inicios_por_hora and leave the window out",
};
constexpr const char* kPausesExample = "write minutes, one number a try: 5, 15, 45";

void RequireBetween(std::string_view key, int64_t value, int64_t least, int64_t most) {
  if (least <= value && value <= most) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is {}", key, value), fmt::format("it is from {} to {}", least, most));
}

void RequireValidWindows(const std::vector<TimeWindow>& windows) {
  std::vector<WrittenWindow> written;
  for (const TimeWindow& window : windows) {
    written.push_back({.window = window, .value = std::to_string(window.starts_per_hour)});
    const std::string text = written.back().Text();
    if (window.starts_per_hour == 0) {
      throw Error(ErrorKind::kUsage, "ventanas: " + text + " lets nothing start",
                  "the least is 1; cofre pause stops everything for a while");
    }
    RequireBetween("ventanas: the cap of " + text, window.starts_per_hour, 1, kMost);
  }
  RequireApart(written, kWindows);
}

int64_t ParseNumber(std::string_view text, const std::string& message, std::string_view hint) {
  const std::string_view digits = Trimmed(text);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0 || number > kMost) {
    throw Error(ErrorKind::kUsage, message, std::string(hint));
  }
  return number;
}

// The parts between commas; none for text that is blank.
std::vector<std::string_view> Parts(std::string_view text) {
  std::vector<std::string_view> parts;
  if (Trimmed(text).empty()) return parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(Trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

void RequireValid(const Policy& policy) {
  RequireBetween("margen_minutos", policy.scheduled.margin.count(), 1, 720);
  RequireBetween("tamano_lote", policy.scheduled.batch_size, 1, kMost);
  RequireBetween("candidatos", policy.refresh.candidates, 1, kMost);
  RequireBetween("inicios_por_hora", policy.refresh.starts_per_hour, 1, kMost);
  RequireBetween("inicios_por_minuto", policy.refresh.starts_per_minute, 1, kMost);
  RequireBetween("dias_antiguedad (in hours)", policy.refresh.max_age.count(), 1, hours(24 * 3660).count());
  RequireValidWindows(policy.refresh.windows);
  if (policy.retry.pauses.size() > kMostPauses) {
    throw Error(ErrorKind::kUsage, fmt::format("reintentos_minutos has {} pauses", policy.retry.pauses.size()),
                "leave it at 20 at most");
  }
  for (const minutes pause : policy.retry.pauses) RequireBetween("reintentos_minutos", pause.count(), 1, kDay.count());
  RequireBetween("reintentos_variacion", policy.retry.jitter_percent, 0, 100);
  RequireBetween("reintento_horas", policy.retry.closed_year_pause.count(), 1, hours(24 * 366).count());
  RequireBetween("fallos_servidor", policy.server_pause.failures, 1, kMost);
  const int64_t first = policy.server_pause.first_pause.count();
  RequireBetween("pausa_servidor_minutos", first, 1, kDay.count());
  RequireBetween("pausa_servidor_maxima_minutos", policy.server_pause.longest_pause.count(), first, 7 * kDay.count());
}

std::vector<TimeWindow> ParseTimeWindows(std::string_view text) {
  std::vector<TimeWindow> windows;
  for (const WrittenWindow& written : ParseDayWindows(text, kWindows)) {
    const std::string message = Quoted(written.Text()) + " is no time window";
    windows.push_back({written.window, static_cast<uint32_t>(ParseNumber(written.value, message, kWindows.example))});
  }
  RequireValidWindows(windows);
  return windows;
}

std::vector<minutes> ParseRetryPauses(std::string_view text) {
  std::vector<minutes> pauses;
  for (const std::string_view part : Parts(text)) {
    const int64_t pause = ParseNumber(part, Quoted(part) + " is no number of minutes", kPausesExample);
    RequireBetween("reintentos_minutos", pause, 1, kDay.count());
    pauses.emplace_back(pause);
  }
  return pauses;
}

}  // namespace cofre
