#pragma once

// UTF-8 (RFC 3629): overlong forms, surrogates and anything above U+10FFFF are not valid.

#include <cstddef>
#include <string>
#include <string_view>

namespace cofre {

bool IsValidUtf8(std::string_view text);

// Each byte that is not part of a valid character becomes U+FFFD; what would pass `limit` bytes is left out, at a
// character's border. For text of others (a dump program's errors) before it is stored or sent.
std::string ToValidUtf8(std::string_view text, size_t limit);

}  // namespace cofre
