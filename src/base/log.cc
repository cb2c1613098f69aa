#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>

#include "base/clock.h"
#include "base/utf8.h"

namespace cofre {
namespace {

constexpr size_t kValueLimit = 8192;  // bytes of one value: what a program said can be long
// The level, and the numbers of syslog, which the journal reads.
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%SZ %l %v";
constexpr const char* kBarePattern = "%v";

std::atomic<LogFormat> g_format{LogFormat::kText};

// systemd names the file that it has made standard error; a child whose output goes elsewhere inherits the variable.
bool FindJournal() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  return stream != nullptr && fstat(STDERR_FILENO, &status) == 0 &&
         fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

bool IsJournal() {
  static const bool is_journal = FindJournal();
  return is_journal;
}

spdlog::logger& Logger() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("cofre", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(IsJournal() ? kBarePattern : kTextPattern, spdlog::pattern_time_type::utc);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum Level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

// As <syslog.h> numbers them.
std::string_view JournalPrefix(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "<7>";
    case LogLevel::kInfo:
      return "<6>";
    case LogLevel::kWarning:
      return "<4>";
    case LogLevel::kError:
      return "<3>";
  }
  return "<3>";
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// A value with blanks or quotes is quoted, and control characters become blanks: an event stays one line of key=value,
// and what a server answered can't steer the terminal that shows the log.
void AppendValue(std::string& line, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"\\=") == std::string_view::npos &&
                     std::none_of(value.begin(), value.end(), IsControl);
  if (plain) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += IsControl(c) ? ' ' : c;
  }
  line += '"';
}

void AppendJsonText(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : ToValidUtf8(text, kValueLimit)) {
    if (IsControl(c)) {
      line += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  line += '"';
}

std::string TextLine(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(IsJournal() ? JournalPrefix(level) : "");
  line += event;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    AppendValue(line, std::string_view(field.value).substr(0, kValueLimit));
  }
  return line;
}

std::string JsonLine(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line(IsJournal() ? JournalPrefix(level) : "");
  line += fmt::format(R"({{"time":"{}","level":"{}","event":)", FormatTime(SystemClock().Now()), LevelName(level));
  AppendJsonText(line, event);
  for (const LogField& field : fields) {
    line += ',';
    AppendJsonText(line, field.key);
    line += ':';
    AppendJsonText(line, field.value);
  }
  return line + '}';
}

}  // namespace

void SetLogLevel(LogLevel level) { Logger().set_level(Level(level)); }

void SetLogFormat(LogFormat format) {
  g_format = format;
  const bool is_bare = IsJournal() || format == LogFormat::kJson;
  Logger().set_pattern(is_bare ? kBarePattern : kTextPattern, spdlog::pattern_time_type::utc);
}

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!Logger().should_log(Level(level))) return;
  const std::string line =
      g_format == LogFormat::kJson ? JsonLine(level, event, fields) : TextLine(level, event, fields);
  Logger().log(Level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace cofre
