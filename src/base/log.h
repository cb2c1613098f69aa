#pragma once

// Events for the operator, one line each on standard error: "time level event key=value ...". No secrets, ever.
// Where standard error is the journal of systemd, the line begins with the level as the journal knows it ("<4>")
// instead of time and level, which the journal keeps itself. Thread-safe.

#include <initializer_list>
#include <string>
#include <string_view>

namespace cofre {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view key;
  std::string value;
};

// Events below this level are dropped. The default is kInfo.
void SetLogLevel(LogLevel level);

enum class LogFormat {
  kText,
  kJson,  // {"time": ..., "level": ..., "event": ..., and each field as text}
};
// The default is kText.
void SetLogFormat(LogFormat format);

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace cofre
