#pragma once

// Which Cofre this is.

#include <string_view>

namespace cofre {

// As `cofre --version` prints it; snapshots carry it. The same as in the top CMakeLists.txt.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace cofre
