#pragma once

// Tables for people: columns as wide as their widest cell, counted in characters as a terminal shows them (UTF-8,
// combining marks, wide East Asian characters), not in bytes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cofre::cli {

// Terminal columns that `text` takes. Bytes that are not UTF-8 take one each.
size_t DisplayWidth(std::string_view text);

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns. Control characters are shown as '?': a name can't move the cursor.
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // With the titles, one line each, no trailing blanks.
  std::string Format() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "name: value" lines with the values below each other.
std::string FormatFields(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace cofre::cli
