#pragma once

// What must be known of a MariaDB database before it is dumped.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "sources/mariadb_tools.h"

namespace cofre::sources {

struct MariadbFacts {
  std::string version;        // as the server says it
  std::string character_set;  // of tables that will be made: [a-z0-9_]
  std::string collation;
  uint64_t size_bytes = 0;   // of its rows, without indexes
  bool has_history = false;  // tables that keep their former rows (WITH SYSTEM VERSIONING)
};

// Signs in and looks. Throws what MariadbError makes of errors; kind auth where the user would not be shown all of the
// database; usage where mariadb-dump is older than the server, of which it would not know everything.
MariadbFacts LookAtMariadb(const MariadbConnection& connection, const std::string& database, std::stop_token stop);

// The first two numbers of a version: "10.11.19-MariaDB" -> 10, 11. nullopt where the text does not begin with them.
struct MariadbVersion {
  int major = 0;
  int minor = 0;

  auto operator<=>(const MariadbVersion&) const = default;
};
std::optional<MariadbVersion> ParseMariadbVersion(std::string_view text);

// From what "mariadb-dump --version" prints, of any year.
std::optional<MariadbVersion> ParseToolVersion(std::string_view text);

}  // namespace cofre::sources
