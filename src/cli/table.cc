#include "cli/table.h"

#include <algorithm>
#include <cstdint>

namespace cofre::cli {
namespace {

struct Character {
  uint32_t code = 0;
  size_t bytes = 1;
};

// The next character; a byte that starts none counts as one by itself. Overlong forms don't matter for a width.
Character NextCharacter(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  size_t length = 1;
  uint32_t code = byte(0);
  if (code >= 0xF0 && code < 0xF8) {
    length = 4;
    code &= 0x07;
  } else if (code >= 0xE0) {
    length = 3;
    code &= 0x0F;
  } else if (code >= 0xC0) {
    length = 2;
    code &= 0x1F;
  }
  if (length == 1 || length > text.size()) return {byte(0), 1};
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {byte(0), 1};
    code = code << 6 | (byte(i) & 0x3F);
  }
  return {code, length};
}

bool InRange(uint32_t code, uint32_t first, uint32_t last) { return code >= first && code <= last; }

// Not wcwidth(3): that depends on the locale, and cofre runs in "C" under cron.
size_t WidthOf(uint32_t code) {
  const bool combining = InRange(code, 0x0300, 0x036F) || InRange(code, 0x1AB0, 0x1AFF) ||
                         InRange(code, 0x20D0, 0x20FF) || InRange(code, 0xFE00, 0xFE0F) ||
                         InRange(code, 0xFE20, 0xFE2F) || InRange(code, 0x200B, 0x200F);
  if (combining) return 0;
  const bool wide = InRange(code, 0x1100, 0x115F) || InRange(code, 0x2E80, 0xA4CF) || InRange(code, 0xAC00, 0xD7A3) ||
                    InRange(code, 0xF900, 0xFAFF) || InRange(code, 0xFE30, 0xFE6F) || InRange(code, 0xFF00, 0xFF60) ||
                    InRange(code, 0xFFE0, 0xFFE6) || InRange(code, 0x1F300, 0x1FAFF) || InRange(code, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

void AppendPadded(std::string& out, const std::string& text, size_t width, Align align) {
  const std::string padding(width - std::min(width, DisplayWidth(text)), ' ');
  out += align == Align::kRight ? padding + text : text + padding;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = NextCharacter(text);
    width += WidthOf(character.code);
    text.remove_prefix(character.bytes);
  }
  return width;
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Printable(std::move(cell));
  rows_.push_back(std::move(cells));
}

std::string Table::Format() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  std::string out;
  const auto append_line = [&](const auto& cell_of) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += "  ";
      AppendPadded(line, cell_of(i), widths[i], columns_[i].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  append_line([&](size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) append_line([&](size_t i) { return row[i]; });
  return out;
}

std::string FormatFields(const std::vector<std::pair<std::string, std::string>>& fields) {
  size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, DisplayWidth(name));
  std::string out;
  for (const auto& [name, value] : fields) {
    std::string line;
    AppendPadded(line, name + ":", width + 1, Align::kLeft);
    line += " " + Printable(value);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace cofre::cli
