#include "base/text.h"

#include <algorithm>

#include "base/utf8.h"

namespace cofre {

std::string_view Trimmed(std::string_view text) {
  static constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string Quoted(std::string_view text) {
  static constexpr size_t kShown = 80;
  std::string shown = ToValidUtf8(text.substr(0, kShown), kShown);
  std::ranges::replace_if(
      shown, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }, '?');
  return text.size() > kShown ? "'" + shown + "...'" : "'" + shown + "'";
}

}  // namespace cofre
