#pragma once

// Which databases there are on a server, found as the operator has said how: a query, a program, or a pattern of paths.

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "sources/firebird.h"
#include "sources/mariadb.h"
#include "sources/postgresql.h"
#include "sources/source.h"

namespace cofre::sources {

struct FoundDatabase {
  std::string company;  // tax number, digits only
  int fiscal_year = 0;
  std::string path;
  std::string name;  // the company's; empty where it is not said

  bool operator==(const FoundDatabase&) const = default;
};

// No listing may have more.
constexpr size_t kMostFound = 100'000;

// From lines "company;year;path" or "company;year;path;name", blanks around the fields and empty lines aside. Throws
// kind usage and names the line for anything else, and for a database that is listed twice.
std::vector<FoundDatabase> ParseListing(std::string_view text);

// Runs `query` on settings.database, through isql, psql or mariadb. Each row's one column is a line as above:
// "SELECT NIT || ';' || ANIO || ';' || RUTA || ';' || NOMBRE FROM EMPRESAS" (MariaDB: CONCAT_WS(';', ...)). Errors as a
// source's Probe.
std::vector<FoundDatabase> ListByQuery(const FirebirdSettings& settings, const std::string& query, Clock& clock,
                                       const std::stop_token& stop);
std::vector<FoundDatabase> ListByQuery(const PostgresqlSettings& settings, const std::string& query, Clock& clock,
                                       const std::stop_token& stop);
std::vector<FoundDatabase> ListByQuery(const MariadbSettings& settings, const std::string& query, Clock& clock,
                                       const std::stop_token& stop);

// The standard output of a program, which must end with exit status 0.
std::vector<FoundDatabase> ListByCommand(const std::vector<std::string>& command, Clock& clock,
                                         const std::stop_token& stop);

// Files of this machine: "/datos/{empresa}/{anio}/CONTAB.FDB", where {empresa} stands for digits (with '.' and '-'),
// {anio} for four digits and '*' for anything within one name. Both must be in it; where one stands twice it is the
// same. A folder that cannot be read is an error: what is not seen must not look gone.
std::vector<FoundDatabase> ListByPattern(const std::string& pattern);

}  // namespace cofre::sources
