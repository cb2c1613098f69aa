#pragma once

// "Did you mean": the known word that a mistyped one is nearest to.

#include <span>
#include <string>
#include <string_view>

namespace cofre {

// The nearest of `known` by letters added, left out, changed or swapped with their neighbour; empty where none is near
// enough (more than a third of the word differs). Case is ignored. Of equals the first. Words over 64 bytes match none.
std::string_view NearestWord(std::string_view word, std::span<const std::string_view> known);

// "did you mean 'almacen'?", or "known are: a, b, c" where none is near.
std::string Suggestion(std::string_view word, std::span<const std::string_view> known);

}  // namespace cofre
