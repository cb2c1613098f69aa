#include "model/company.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"

namespace cofre {
namespace {

constexpr std::array<std::string_view, 6> kEngineNames = {"firebird",   "sqlite", "command",
                                                          "postgresql", "folder", "mariadb"};
constexpr std::array<std::string_view, 2> kMethodNames = {"logical", "physical"};
constexpr uint64_t kGigabyte = uint64_t{1} << 30;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool AllDigits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, IsDigit); }

// A number that needs no sign and no blank; nullopt for anything else and for what does not fit.
std::optional<int> ParseNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!AllDigits(text) || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

[[noreturn]] void Refuse(std::string_view what, std::string_view value, std::string_view why, std::string hint) {
  throw Error(ErrorKind::kUsage, fmt::format("{} {} {}", what, Quoted(value), why), std::move(hint));
}

}  // namespace

std::string_view EngineName(Engine engine) { return kEngineNames.at(static_cast<size_t>(engine)); }

Engine ParseEngine(std::string_view name) {
  for (size_t i = 0; i < kEngineNames.size(); ++i) {
    if (kEngineNames.at(i) == name) return static_cast<Engine>(i);
  }
  Refuse("the engine", name, "is not one that cofre knows", Suggestion(name, kEngineNames));
}

std::string_view DumpMethodName(DumpMethod method) { return kMethodNames.at(static_cast<size_t>(method)); }

DumpMethod ParseDumpMethod(std::string_view name) {
  for (size_t i = 0; i < kMethodNames.size(); ++i) {
    if (kMethodNames.at(i) == name) return static_cast<DumpMethod>(i);
  }
  Refuse("the method", name, "is neither logical nor physical", "logical is gbak, physical is nbackup");
}

DumpMethod MethodOfDump(std::string_view path) {
  return path.ends_with(".nbk") ? DumpMethod::kPhysical : DumpMethod::kLogical;
}

bool RestoresToFile(Engine engine) { return engine == Engine::kFirebird || engine == Engine::kSqlite; }

bool IsFolder(Engine engine) { return engine == Engine::kFolder; }

bool LivesOnServerOnly(Engine engine) { return engine == Engine::kPostgresql || engine == Engine::kMariadb; }

bool IsFileHere(const Server& server, std::string_view path) {
  if (server.engine == Engine::kSqlite || IsFolder(server.engine)) return true;
  return server.engine == Engine::kFirebird && server.host.empty() && path.find('/') != std::string_view::npos;
}

std::string ParseCompanyId(std::string_view text) {
  static constexpr std::string_view kHint =
      "write the tax number, with or without its check digit: 900869750 or 900.869.750-0";
  std::string_view number = Trimmed(text);
  if (const size_t dash = number.find('-'); dash != std::string_view::npos) {
    const std::string_view check_digit = Trimmed(number.substr(dash + 1));
    if (check_digit.size() != 1 || !AllDigits(check_digit)) {
      Refuse("the tax number", text, "has something else than one check digit behind its '-'", std::string(kHint));
    }
    number = number.substr(0, dash);
  }
  std::string id;
  for (const char c : number) {
    if (c == '.' || c == ' ') continue;
    if (!IsDigit(c)) Refuse("the tax number", text, "has something else than digits", std::string(kHint));
    id += c;
  }
  if (id.size() < 5 || id.size() > 15) {
    Refuse("the tax number", text, fmt::format("has {} digits, 5 to 15 are accepted", id.size()), std::string(kHint));
  }
  return id;
}

int ParseFiscalYear(std::string_view text) {
  const std::string_view digits = Trimmed(text);
  const auto year = ParseNumber(digits);
  if (digits.size() != 4 || !year || *year < kFirstFiscalYear || *year > kLastFiscalYear) {
    Refuse("the fiscal year", text, fmt::format("is not one from {} to {}", kFirstFiscalYear, kLastFiscalYear),
           "write four digits: 2025");
  }
  return *year;
}

std::chrono::minutes ParseBackupTime(std::string_view text) {
  const std::string_view time = Trimmed(text);
  const size_t colon = time.find(':');
  if (colon != std::string_view::npos) {
    const auto hours = ParseNumber(time.substr(0, colon));
    const auto minutes = ParseNumber(time.substr(colon + 1));
    const bool well_formed = (colon == 1 || colon == 2) && time.size() == colon + 3;
    if (well_formed && hours && minutes && *hours < 24 && *minutes < 60) {
      return std::chrono::minutes(*hours * 60 + *minutes);
    }
  }
  Refuse("the backup time", text, "is not a time of day from 00:00 to 23:59", "write hours and minutes: 01:00");
}

std::string FormatBackupTime(std::chrono::minutes time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

uint64_t ParseSpaceLimit(std::string_view gigabytes) {
  static constexpr std::string_view kHint =
      "write the number of GB (2^30 bytes), a part of one behind a point or comma: 1 or 0.5";
  const std::string_view text = Trimmed(gigabytes);
  const size_t separator = text.find_first_of(".,");
  const std::string_view whole = text.substr(0, separator);
  const std::string_view part = separator == std::string_view::npos ? "0" : text.substr(separator + 1);
  const auto units = ParseNumber(whole);
  const auto fraction = ParseNumber(part);
  if (!units || !fraction || part.size() > 9) {
    Refuse("the space limit", gigabytes, "is not a number of GB above 0", std::string(kHint));
  }
  // "1.000" is a thousand to some and one to others; a guess that is off by a factor of 1,000 must not be made.
  if (*units > 0 && separator != std::string_view::npos && part.size() == 3) {
    Refuse("the space limit", gigabytes, "can be read in two ways",
           fmt::format("write {} or {}{}", whole, whole, part));
  }
  if (*units > kLargestSpaceLimitGigabytes) {
    Refuse("the space limit", gigabytes, fmt::format("is above {} GB", kLargestSpaceLimitGigabytes),
           std::string(kHint));
  }
  uint64_t scale = 1;
  for (size_t i = 0; i < part.size(); ++i) scale *= 10;
  // No product passes 2^60: units are bounded, the fraction is below 10^9.
  const uint64_t bytes =
      static_cast<uint64_t>(*units) * kGigabyte + (static_cast<uint64_t>(*fraction) * kGigabyte + scale / 2) / scale;
  if (bytes == 0) Refuse("the space limit", gigabytes, "is not above 0", std::string(kHint));
  return bytes;
}

std::string FormatSpaceLimit(uint64_t bytes) {
  static constexpr uint64_t kBillion = 1'000'000'000;
  const uint64_t rounded = ((bytes % kGigabyte) * kBillion + kGigabyte / 2) / kGigabyte;
  const uint64_t units = bytes / kGigabyte + rounded / kBillion;
  if (rounded % kBillion == 0) return fmt::format("{}", units);
  std::string digits = fmt::format("{:09}", rounded % kBillion);
  digits.erase(digits.find_last_not_of('0') + 1);
  // Three digits behind the point would not be read back (see ParseSpaceLimit).
  if (units > 0 && digits.size() == 3) digits += '0';
  return fmt::format("{}.{}", units, digits);
}

bool ParseYesNo(std::string_view text) {
  // "sÍ" is SÍ, of which only the ASCII letter is made small.
  static constexpr std::array<std::string_view, 9> kYes = {"si", "sí", "sÍ", "s", "yes", "y", "true", "verdadero", "1"};
  static constexpr std::array<std::string_view, 5> kNo = {"no", "n", "false", "falso", "0"};
  const std::string word = AsciiLower(Trimmed(text));
  if (std::ranges::find(kYes, word) != kYes.end()) return true;
  if (std::ranges::find(kNo, word) != kNo.end()) return false;
  Refuse("the value", text, "is neither yes nor no", "write si or no (true, false, 1 and 0 are accepted too)");
}

std::string ParseServerName(std::string_view text) {
  const std::string_view name = Trimmed(text);
  const auto accepted = [](char c) { return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-'; };
  if (name.empty() || name.size() > 63 || name.front() == '-' || !std::ranges::all_of(name, accepted)) {
    Refuse("the server name", text, "is not 1 to 63 small letters, digits and '-' that begin with a letter or digit",
           "write a name such as servidor-1");
  }
  return std::string(name);
}

}  // namespace cofre
