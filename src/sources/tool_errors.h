#pragma once

// What the sources of several engines share to make an Error of what a database's tool said.

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cofre::sources {

// Bytes of a tool's words that a message carries.
inline constexpr size_t kToolMessageLimit = 400;

// What it means where a phrase is found; both live as long as the program.
struct Meaning {
  std::string_view phrase;  // in lower case
  ErrorKind kind;
  std::string_view hint;
};

// The first whose phrase is found in `text`, which is in lower case; null where there is none.
const Meaning* FindMeaning(std::span<const Meaning> meanings, std::string_view text);

// Each line, trimmed.
void ForEachLine(std::string_view text, const std::function<void(std::string_view line)>& work);

// Whether the line began with the prefix, which it does no more.
bool TakePrefix(std::string_view& line, std::string_view prefix);

// Puts "; " between clauses; an empty one is left out.
void AppendClause(std::string& text, std::string_view clause);

}  // namespace cofre::sources
