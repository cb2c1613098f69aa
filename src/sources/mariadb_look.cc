#include "sources/mariadb_look.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/error.h"
#include "sources/mariadb_rights.h"

namespace cofre::sources {
namespace {

constexpr io::ProcessLimits kToolLimits{std::chrono::seconds(60), std::chrono::seconds(120)};

// The first line; SHOW GRANTS gives those behind it.
constexpr std::string_view kLook =
    "SELECT VERSION(), s.DEFAULT_CHARACTER_SET_NAME, s.DEFAULT_COLLATION_NAME, COALESCE(SUM(t.DATA_LENGTH), 0), "
    "COALESCE(SUM(t.TABLE_TYPE = 'SYSTEM VERSIONED'), 0) FROM information_schema.SCHEMATA s LEFT JOIN "
    "information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME WHERE s.SCHEMA_NAME = DATABASE() GROUP BY 2, 3;\n"
    "SHOW GRANTS;\n";

std::string_view TakeField(std::string_view& text) {
  const size_t end = text.find_first_of("\t\n");
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return field;
}

uint64_t NumberOf(std::string_view digits) {
  uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

bool IsWord(std::string_view text) {
  const auto accepted = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, accepted);
}

void RequireNewEnough(const MariadbConnection& connection, const MariadbVersion& server, std::stop_token stop) {
  const std::string& program = connection.settings().tools.mariadb_dump;
  const io::ProcessEnd end =
      io::RunProgram({.arguments = {program, "--version"}}, "", kToolLimits, connection.clock(), std::move(stop));
  const auto version = ParseToolVersion(end.output);
  if (!version) {
    throw Error(ErrorKind::kPermanent, program + " does not say which version of mariadb-dump it is",
                "name MariaDB's own mariadb-dump in the configuration, [mariadb] mariadb_dump");
  }
  if (*version >= server) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} is of version {}.{}, the server is of version {}.{}", program, version->major,
                          version->minor, server.major, server.minor),
              fmt::format("install the mariadb-client of version {}.{} or a later one", server.major, server.minor));
}

}  // namespace

std::optional<MariadbVersion> ParseMariadbVersion(std::string_view text) {
  MariadbVersion version;
  const char* end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, version.major);
  if (error != std::errc() || dot == end || *dot != '.') return std::nullopt;
  if (std::from_chars(dot + 1, end, version.minor).ec != std::errc()) return std::nullopt;
  return version;
}

std::optional<MariadbVersion> ParseToolVersion(std::string_view text) {
  // "mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB, for ..."; since 11: "mariadb-dump from 11.4.2-MariaDB, ..."
  for (const std::string_view before : {" Distrib ", " from "}) {
    if (const size_t at = text.find(before); at != std::string_view::npos) {
      return ParseMariadbVersion(text.substr(at + before.size()));
    }
  }
  return std::nullopt;
}

MariadbFacts LookAtMariadb(const MariadbConnection& connection, const std::string& database, std::stop_token stop) {
  const std::string printed = connection.Query(database, kLook, stop);
  std::string_view rest = printed;
  MariadbFacts facts;
  facts.version = TakeField(rest);
  facts.character_set = TakeField(rest);
  facts.collation = TakeField(rest);
  facts.size_bytes = NumberOf(TakeField(rest));
  facts.has_history = NumberOf(TakeField(rest)) != 0;
  if (!IsWord(facts.character_set) || !IsWord(facts.collation)) {
    throw Error(ErrorKind::kPermanent, database + ": the server does not say the database's character set");
  }
  // MySQL numbers its versions, and shows the rights that come by roles, in another way.
  const auto version = ParseMariadbVersion(facts.version);
  if (!version || facts.version.find("MariaDB") == std::string::npos) return facts;
  RequireNewEnough(connection, *version, std::move(stop));
  if (const std::string missing = MissingMariadbRights(rest, database); !missing.empty()) {
    throw Error(ErrorKind::kAuth,
                fmt::format("{}: the user may not see all of it, so that the dump would lack something: he has no {}",
                            database, missing),
                "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO the user");
  }
  return facts;
}

}  // namespace cofre::sources
