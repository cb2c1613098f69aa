#include "catalogue/company_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"
#include "catalogue/csv.h"
#include "model/company.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

enum Column : size_t { kId, kName, kServer, kYear, kPath, kTime, kEnabled, kSpace, kZone, kColumnCount };
constexpr std::array<std::string_view, kColumnCount> kNames = {
    "empresa",           "nombre",      "servidor", "anio_fiscal", "base", "hora_backup", "backups_habilitados",
    "limite_espacio_gb", "zona_horaria"};
constexpr size_t kRequired = 5;  // the first ones

constexpr CsvLimits kLimits = {};

[[noreturn]] void Refuse(size_t row, Column column, std::string_view why, std::string hint = "") {
  throw Error(ErrorKind::kUsage, fmt::format("row {}, column {}: {}", row, kNames.at(column), why), std::move(hint));
}

// Where each known column stands in a row.
using Layout = std::array<std::optional<size_t>, kColumnCount>;

Layout ReadHeader(const CsvRow& header) {
  Layout layout;
  for (size_t i = 0; i < header.cells.size(); ++i) {
    const std::string name = AsciiLower(Trimmed(header.cells[i]));
    if (name.empty()) continue;
    const auto* known = std::ranges::find(kNames, name);
    if (known == kNames.end()) {
      throw Error(ErrorKind::kUsage, fmt::format("row {}: the column {} is unknown", header.number, Quoted(name)),
                  Suggestion(name, kNames));
    }
    std::optional<size_t>& place = layout.at(static_cast<size_t>(known - kNames.begin()));
    if (place) throw Error(ErrorKind::kUsage, fmt::format("row {}: the column {} is there twice", header.number, name));
    place = i;
  }
  for (size_t column = 0; column < kRequired; ++column) {
    if (layout.at(column)) continue;
    throw Error(ErrorKind::kUsage, fmt::format("row {}: the column {} is missing", header.number, kNames.at(column)),
                fmt::format("the first row names the columns: {}; {} may be left out", fmt::join(kNames, ", "),
                            fmt::join(kNames.begin() + kRequired, kNames.end(), ", ")));
  }
  return layout;
}

// One row, its cells by column. Errors of the model's parsers get row and column.
class Row {
 public:
  Row(const CsvRow& row, const Layout& layout, size_t width) : row_(row), layout_(layout) {
    for (size_t i = width; i < row.cells.size(); ++i) {
      if (Trimmed(row.cells[i]).empty()) continue;
      throw Error(
          ErrorKind::kUsage,
          fmt::format("row {} has {} cells, the first row names {} columns", row.number, row.cells.size(), width),
          "put cells that hold the separator in quotes");
    }
  }

  size_t number() const { return row_.number; }

  template <typename Parse>
  auto Required(Column column, const Parse& parse) const {
    const std::string_view text = Text(column);
    if (text.empty()) Refuse(number(), column, "is empty");
    return Parsed(column, parse, text);
  }

  template <typename Parse>
  auto Optional(Column column, const Parse& parse) const -> std::optional<decltype(parse(std::string_view{}))> {
    const std::string_view text = Text(column);
    if (text.empty()) return std::nullopt;
    return Parsed(column, parse, text);
  }

 private:
  std::string_view Text(Column column) const {
    const auto place = layout_.at(column);
    return place && *place < row_.cells.size() ? Trimmed(row_.cells[*place]) : std::string_view{};
  }

  template <typename Parse>
  auto Parsed(Column column, const Parse& parse, std::string_view text) const {
    try {
      return parse(text);
    } catch (const Error& error) {
      throw error.In(fmt::format("row {}, column {}", number(), kNames.at(column)));
    }
  }

  const CsvRow& row_;
  const Layout& layout_;
};

// Text of one line. Its length is bounded by the cell's.
std::string ParseText(std::string_view text) {
  RequireValidText("the value", text);
  return std::string(text);
}

// Takes over what a further row of the same company says, which must not contradict.
template <typename Value>
void Merge(Value& known, const Value& said, size_t row, Column column, const ImportedCompany& company) {
  if (known == said) return;
  if constexpr (requires { said.has_value(); }) {
    if (!said.has_value()) return;
    if (!known.has_value()) {
      known = said;
      return;
    }
  }
  Refuse(row, column,
         fmt::format("company {} has another value in a row above (its first is {})", company.id, company.row),
         "give every row of a company the same value");
}

void MergeCompany(ImportedCompany& known, const ImportedCompany& said) {
  Merge(known.name, said.name, said.row, kName, known);
  Merge(known.server, said.server, said.row, kServer, known);
  Merge(known.backup_time, said.backup_time, said.row, kTime, known);
  Merge(known.enabled, said.enabled, said.row, kEnabled, known);
  Merge(known.space_limit_bytes, said.space_limit_bytes, said.row, kSpace, known);
  Merge(known.time_zone, said.time_zone, said.row, kZone, known);
}

ImportedCompany ReadCompany(const Row& row, const std::function<bool(std::string_view)>& is_known_zone) {
  const auto parse_zone = [&](std::string_view text) {
    if (is_known_zone(text)) return std::string(text);
    throw Error(ErrorKind::kUsage, "the time zone " + Quoted(text) + " does not exist",
                "write a name as in America/Bogota");
  };
  ImportedCompany company;
  company.row = row.number();
  company.id = row.Required(kId, ParseCompanyId);
  company.name = row.Required(kName, ParseText);
  company.server = row.Required(kServer, ParseServerName);
  company.backup_time = row.Optional(kTime, ParseBackupTime);
  company.enabled = row.Optional(kEnabled, ParseYesNo);
  company.space_limit_bytes = row.Optional(kSpace, ParseSpaceLimit);
  company.time_zone = row.Optional(kZone, parse_zone);
  return company;
}

}  // namespace

std::vector<ImportedCompany> ParseCompanyCsv(std::string_view text,
                                             const std::function<bool(std::string_view)>& is_known_zone) {
  const std::vector<CsvRow> rows = ParseCsv(text, kLimits);
  if (rows.size() < 2) {
    throw Error(ErrorKind::kUsage, "the file has no rows below the names of the columns",
                fmt::format("the first row names the columns: {}", fmt::join(kNames, ", ")));
  }
  const Layout layout = ReadHeader(rows.front());
  std::vector<ImportedCompany> companies;
  std::map<std::string, size_t> places;
  std::map<std::pair<std::string, int>, size_t> seen;
  for (size_t i = 1; i < rows.size(); ++i) {
    const Row row(rows[i], layout, rows.front().cells.size());
    ImportedCompany company = ReadCompany(row, is_known_zone);
    ImportedDatabase database{row.number(), row.Required(kYear, ParseFiscalYear), row.Required(kPath, ParseText)};
    const auto [first, is_new] = seen.try_emplace({company.id, database.fiscal_year}, row.number());
    if (!is_new) {
      Refuse(row.number(), kYear,
             fmt::format("company {} has {} in row {} already", company.id, database.fiscal_year, first->second),
             "a company has one database a fiscal year");
    }
    const auto [place, is_first] = places.try_emplace(company.id, companies.size());
    if (is_first) {
      companies.push_back(std::move(company));
    } else {
      MergeCompany(companies[place->second], company);
    }
    companies[place->second].databases.push_back(std::move(database));
  }
  return companies;
}

}  // namespace cofre::catalogue
