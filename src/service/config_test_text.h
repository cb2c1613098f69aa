#pragma once

// What tests of the configuration share.

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "service/config.h"

namespace cofre::service {

inline constexpr const char* kConfigPath = "/etc/cofre/cofre.toml";
// Two lines that are always needed.
inline const std::string kNeeded = "almacen = \"file:/almacen\"\nclave_maestra = \"clave\"\n";

inline Config ParseText(const std::string& text) { return ParseConfig(text, kConfigPath); }

// "message | hint" of the first problem; "" where there is none.
inline std::string RefusalOf(const std::string& text) {
  try {
    ParseText(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

}  // namespace cofre::service
