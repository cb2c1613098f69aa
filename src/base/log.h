#pragma once

// Events for the operator, one line each on standard error: "level event key=value ...". No secrets, ever.
// Thread-safe.

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

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace cofre
