#include "cli/values.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "model/company.h"

namespace cofre::cli {
namespace {

template <typename Number>
bool ParseWhole(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

uint64_t ParseNumber(std::string_view text, std::string_view what, uint64_t least, uint64_t most) {
  uint64_t number = 0;
  if (ParseWhole(Trimmed(text), number) && number >= least && number <= most) return number;
  throw Error(ErrorKind::kUsage, fmt::format("{} {} is not a number from {} to {}", what, Quoted(text), least, most));
}

double ParseShare(std::string_view text, std::string_view what) {
  std::string_view digits = Trimmed(text);
  const bool percent = digits.ends_with('%');
  if (percent) digits = Trimmed(digits.substr(0, digits.size() - 1));
  double share = 0;
  if (ParseWhole(digits, share)) {
    if (percent) share /= 100;
    if (share >= 0 && share <= 1) return share;
  }
  throw Error(ErrorKind::kUsage, fmt::format("{} {} is not a share", what, Quoted(text)), "write 5% or 0.05");
}

TimePoint ParseMoment(std::string_view text, const planner::TimeZone& zone, TimePoint now) {
  const std::string_view trimmed = Trimmed(text);
  if (const auto time = ParseTime(std::string(trimmed))) return *time;
  const size_t blank = trimmed.find_first_of(" T");
  try {
    if (blank != std::string_view::npos) {
      return zone.At(planner::ParseDay(trimmed.substr(0, blank)), ParseBackupTime(trimmed.substr(blank + 1)));
    }
    const auto of_day = ParseBackupTime(trimmed);
    const TimePoint today = zone.At(zone.DayOf(now), of_day);
    return today > now ? today : zone.At(zone.DayOf(now) + std::chrono::days(1), of_day);
  } catch (const Error&) {
    throw Error(ErrorKind::kUsage, Quoted(text) + " is not a time", "write 01:00, or 2026-12-31 23:30");
  }
}

TimePoint ParseSince(std::string_view text, const planner::TimeZone& zone, TimePoint now) {
  const std::string_view trimmed = Trimmed(text);
  const std::string_view digits = trimmed.substr(0, trimmed.empty() ? 0 : trimmed.size() - 1);
  uint32_t number = 0;
  std::optional<TimePoint> since;
  if (ParseWhole(digits, number) && number <= 1'000'000) {
    if (trimmed.back() == 'm') since = now - std::chrono::minutes(number);
    if (trimmed.back() == 'h') since = now - std::chrono::hours(number);
    if (trimmed.back() == 'd') since = now - std::chrono::hours(int64_t{24} * number);
  }
  try {
    if (!since) {
      const bool is_day = trimmed.size() == std::string_view("2026-11-24").size();
      since = is_day ? zone.BeginOf(planner::ParseDay(trimmed)) : ParseMoment(trimmed, zone, now);
    }
  } catch (const Error&) {
    throw Error(ErrorKind::kUsage, Quoted(text) + " is not a time since when",
                "write 24h, 7d, 2026-11-24, or '2026-11-24 18:00'");
  }
  if (*since > now)
    throw Error(ErrorKind::kUsage, Quoted(text) + " has not come yet", "write 24h, 7d, or a day before");
  return *since;
}

Backup FindBackup(catalogue::Catalogue& catalogue, const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return catalogue.FindBackup(text);
  const std::string company = ParseCompanyId(std::string_view(text).substr(0, slash));
  const int year = ParseFiscalYear(std::string_view(text).substr(slash + 1));
  (void)catalogue.GetDatabase(company, year);
  const auto backups = catalogue.ListBackups({.company = company, .fiscal_year = year});
  if (!backups.empty()) return backups.front();
  throw Error(ErrorKind::kNotFound, fmt::format("company {} has no backup of {}", company, year),
              fmt::format("cofre backup {} --year {}", company, year));
}

std::string AbsolutePath(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

std::string ShortId(const std::string& snapshot_id) { return snapshot_id.substr(0, 8); }

std::string FormatSeconds(Duration elapsed) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(elapsed).count());
}

}  // namespace cofre::cli
