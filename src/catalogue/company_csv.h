#pragma once

// `cofre company import FILE.csv`: the file as a value. docs/configuration.md describes its columns.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cofre::catalogue {

// Larger files are not read.
constexpr uint64_t kCompanyCsvLimit = 16 * 1024 * 1024;

struct ImportedDatabase {
  size_t row = 0;  // where it stands in the file, as a spreadsheet counts
  int fiscal_year = 0;
  std::string path;

  bool operator==(const ImportedDatabase&) const = default;
};

// A company with all its rows. What the file doesn't say is absent: a company that exists keeps what it has.
struct ImportedCompany {
  size_t row = 0;  // its first one
  std::string id;
  std::string name;
  std::string server;
  std::optional<std::chrono::minutes> backup_time;
  std::optional<bool> enabled;
  std::optional<uint64_t> space_limit_bytes;
  std::optional<std::string> time_zone;
  std::vector<ImportedDatabase> databases;

  bool operator==(const ImportedCompany&) const = default;
};

// Companies in the order of the file. Throws kind usage, naming row and column, for a value that is not accepted, a
// database that stands there twice, rows that say different things of one company, a column that is missing, unknown or
// there twice; and for a file without rows. `is_known_zone` decides on zona_horaria (planner/local_time.h).
std::vector<ImportedCompany> ParseCompanyCsv(std::string_view text,
                                             const std::function<bool(std::string_view)>& is_known_zone);

}  // namespace cofre::catalogue
