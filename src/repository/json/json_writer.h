#pragma once

// Pieces of JSON as Go's encoding/json writes them, which is what restic compares with, byte for byte, when it rewrites
// a tree.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace cofre::repository {

// With quotes. Escapes ", \, control characters, <, >, &, U+2028 and U+2029; bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);
void AppendJsonId(std::string& out, const Digest& id);
void AppendJsonNumber(std::string& out, uint64_t value);

// One code point, without any escaping.
void AppendUtf8(std::string& out, uint32_t code);

// Length of the UTF-8 sequence that `text` (not empty) begins with, and its code point; 0 where it is none (overlong
// forms, surrogates and values beyond U+10FFFF are none).
size_t DecodeUtf8(std::string_view text, uint32_t& code);

}  // namespace cofre::repository
