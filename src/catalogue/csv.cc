#include "catalogue/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace cofre::catalogue {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const CsvLimits& limits) : text_(text), limits_(limits), separator_(FindSeparator()) {}

  std::vector<CsvRow> Parse() {
    std::vector<CsvRow> rows;
    while (!text_.empty()) {
      ++number_;
      CsvRow row{number_, ReadRow()};
      if (std::ranges::all_of(row.cells, [](const std::string& cell) { return Trimmed(cell).empty(); })) continue;
      if (rows.size() == limits_.rows) Refuse(fmt::format("is one more than the {} that are accepted", limits_.rows));
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  [[noreturn]] void Refuse(std::string_view why, std::string hint = "") const {
    throw Error(ErrorKind::kUsage, fmt::format("row {} {}", number_, why), std::move(hint));
  }

  // Of the first row that has one, outside of quotes.
  char FindSeparator() const {
    size_t commas = 0;
    size_t semicolons = 0;
    bool quoted = false;
    for (const char c : text_) {
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == ',') ++commas;
      if (c == ';') ++semicolons;
      if (c == '\n' && commas + semicolons > 0) break;
    }
    return semicolons > commas ? ';' : ',';
  }

  // Takes a row and its line end from the text.
  std::vector<std::string> ReadRow() {
    std::vector<std::string> cells;
    while (true) {
      if (cells.size() == limits_.columns) Refuse(fmt::format("has more than {} cells", limits_.columns));
      cells.push_back(text_.starts_with('"') ? ReadQuoted() : ReadPlain());
      if (cells.back().size() > limits_.cell_bytes) {
        Refuse(fmt::format("has a cell of more than {} bytes", limits_.cell_bytes));
      }
      if (!IsValidUtf8(cells.back())) {
        Refuse(fmt::format("has the cell {}, which is not UTF-8", Quoted(cells.back())),
               "save the file again as 'CSV UTF-8'");
      }
      if (text_.starts_with(separator_)) {
        text_.remove_prefix(1);
        continue;
      }
      if (text_.starts_with('\r')) text_.remove_prefix(1);
      if (text_.starts_with('\n')) text_.remove_prefix(1);
      return cells;
    }
  }

  std::string ReadPlain() {
    const size_t end = std::min(text_.size(), text_.find_first_of(separator_ == ',' ? ",\r\n" : ";\r\n"));
    std::string cell(text_.substr(0, end));
    if (cell.find('"') != std::string::npos) {
      Refuse(fmt::format("has a quote in the middle of {}", Quoted(cell)),
             "put the whole cell in quotes and write each quote in it twice");
    }
    text_.remove_prefix(end);
    return cell;
  }

  std::string ReadQuoted() {
    std::string cell;
    text_.remove_prefix(1);
    while (true) {
      const size_t end = text_.find('"');
      if (end == std::string_view::npos) Refuse("has a quote that doesn't end");
      cell += text_.substr(0, end);
      text_.remove_prefix(end + 1);
      if (!text_.starts_with('"')) break;
      cell += '"';
      text_.remove_prefix(1);
    }
    if (!text_.empty() && text_.front() != separator_ && text_.front() != '\r' && text_.front() != '\n') {
      Refuse(fmt::format("has text behind the quotes of {}", Quoted(cell)));
    }
    return cell;
  }

  std::string_view text_;
  const CsvLimits& limits_;
  char separator_;
  size_t number_ = 0;
};

}  // namespace

std::vector<CsvRow> ParseCsv(std::string_view text, const CsvLimits& limits) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw Error(ErrorKind::kUsage, "the file is UTF-16", "save it again as 'CSV UTF-8'");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Parser(text, limits).Parse();
}

}  // namespace cofre::catalogue
