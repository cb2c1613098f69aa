#pragma once

// Comma-separated values (RFC 4180), as spreadsheets write them: with ',' or ';' (a Spanish Excel), cells in quotes
// where they hold a separator, a quote ("") or a line end; lines end in LF or CRLF; a UTF-8 byte order mark may come
// first.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cofre::catalogue {

struct CsvLimits {
  size_t rows = 100'000;
  size_t columns = 64;
  size_t cell_bytes = 4096;
};

// A row that is not empty (one with only empty cells is).
struct CsvRow {
  size_t number = 0;  // as a spreadsheet counts: the first is 1, empty ones count
  std::vector<std::string> cells;
};

// The separator is the one of ',' and ';' that the first row has more of. Throws kind usage, naming the row, for quotes
// that don't match, text that isn't UTF-8, and anything above the limits. Memory: a small multiple of the text.
std::vector<CsvRow> ParseCsv(std::string_view text, const CsvLimits& limits);

}  // namespace cofre::catalogue
