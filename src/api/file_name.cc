#include "api/file_name.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/utf8.h"

namespace cofre::api {
namespace {

constexpr size_t kLongestName = 150;
constexpr std::string_view kForbidden = "/\\:*?\"<>|%;'`$";

// Controls of C1, and what changes the direction of writing or is not seen at all: U+200B-200F, U+2028-202E,
// U+2060-206F, U+FEFF, U+FFFD.
bool IsTricky(std::string_view character) {
  if (character.size() == 2) return character[0] == '\xC2' && static_cast<uint8_t>(character[1]) < 0xA1;
  if (character.size() != 3) return false;
  const auto second = static_cast<uint8_t>(character[1]);
  const auto third = static_cast<uint8_t>(character[2]);
  if (character[0] == '\xEF') return (second == 0xBB || second == 0xBF) && (third == 0xBF || third == 0xBD);
  if (character[0] != '\xE2') return false;
  if (second == 0x80) return (third >= 0x8B && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA0;
}

size_t LengthOf(char lead) {
  const auto byte = static_cast<uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

}  // namespace

std::string SafeFileName(std::string_view company, std::string_view fallback, std::string_view rest) {
  const std::string text = ToValidUtf8(company, kLongestName);
  std::string name;
  for (size_t at = 0; at < text.size();) {
    const std::string_view character = std::string_view(text).substr(at, LengthOf(text[at]));
    at += character.size();
    const bool is_control =
        character.size() == 1 && (static_cast<uint8_t>(character[0]) < 0x20 || character[0] == 0x7F);
    const bool bad = is_control || IsTricky(character) || kForbidden.find(character) != std::string_view::npos;
    const bool is_blank = bad || character == " ";
    if (!is_blank) name += character;
    if (is_blank && !name.empty() && name.back() != ' ') name += ' ';
  }
  // No hidden file, no "..", and no blank at an end that Windows would drop.
  while (!name.empty() && (name.front() == '.' || name.front() == ' ' || name.front() == '-')) name.erase(0, 1);
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.pop_back();
  return (name.empty() ? std::string(fallback) : name) + " " + std::string(rest);
}

std::string AttachmentNamed(std::string_view name) {
  std::string ascii;
  std::string encoded;
  for (const char c : name) {
    if (static_cast<uint8_t>(c) < 0x80) ascii += IsPlain(c) || c == ' ' ? c : '_';
    if (static_cast<uint8_t>(c) >= 0xC0) ascii += '_';
    encoded += IsPlain(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", ascii, encoded);
}

}  // namespace cofre::api
