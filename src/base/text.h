#pragma once

// Text as people type it and as messages show it.

#include <string>
#include <string_view>

namespace cofre {

// Without blanks, tabs and line ends at both ends.
std::string_view Trimmed(std::string_view text);

// A to Z become a to z; other bytes stay.
std::string AsciiLower(std::string_view text);

// For messages: 'text', valid UTF-8, control characters as '?', cut at 80 bytes with "..." behind.
std::string Quoted(std::string_view text);

}  // namespace cofre
