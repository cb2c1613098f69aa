#pragma once

// Secrets are compared in a time that does not tell where they differ.

#include <cstdint>
#include <string_view>

namespace cofre::api {

inline bool SameSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<uint8_t>(a[i]) ^ static_cast<uint8_t>(b[i]);
  return difference == 0;
}

}  // namespace cofre::api
