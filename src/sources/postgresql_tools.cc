#include "sources/postgresql_tools.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sources/postgresql_errors.h"

namespace cofre::sources {
namespace {

// A look at a database; a server that does not answer within this is unreachable.
constexpr io::ProcessLimits kQueryLimits{std::chrono::seconds(60), std::chrono::seconds(120)};
constexpr const char* kConnectSeconds = "30";
constexpr size_t kLongestName = 63;  // NAMEDATALEN - 1: what is behind it PostgreSQL leaves out without an error

std::string Doubled(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) quoted.append(c == quote ? 2 : 1, c);
  return quoted + quote;
}

}  // namespace

io::Command PostgresqlConnection::CommandFor(const std::string& database, std::vector<std::string> arguments) const {
  io::Command command{std::move(arguments)};
  const auto set = [&](const char* name, std::string value) {
    command.environment.emplace_back(name, Secret(std::move(value)));
  };
  const Server& server = settings().server;
  // What the tools say themselves is in English then.
  set("LC_ALL", "C.UTF-8");
  set("LANGUAGE", "");
  set("PGAPPNAME", "cofre");
  set("PGCONNECT_TIMEOUT", kConnectSeconds);
  set("PGDATABASE", database);
  if (!server.host.empty()) set("PGHOST", server.host);
  if (server.port != 0) set("PGPORT", std::to_string(server.port));
  if (!server.user.empty()) set("PGUSER", server.user);
  if (!settings().password.empty()) command.environment.emplace_back("PGPASSWORD", settings().password);
  return command;
}

io::Command PostgresqlConnection::PsqlFor(const std::string& database) const {
  io::Command command = CommandFor(database, {settings().tools.psql, "--no-psqlrc", "--quiet", "--no-align",
                                              "--tuples-only", "--no-password", "--set=ON_ERROR_STOP=1"});
  command.environment.emplace_back("PGCLIENTENCODING", Secret("UTF8"));
  return command;
}

std::string PostgresqlConnection::Query(const std::string& database, std::string_view sql, std::stop_token stop) const {
  const io::ProcessEnd end = io::RunProgram(PsqlFor(database), sql, kQueryLimits, clock(), std::move(stop));
  if (!end.ok()) throw PostgresqlError(end, "psql", database);
  return end.output;
}

void PostgresqlConnection::RequireNewEnough(int server_major, std::stop_token stop) const {
  const std::string& program = settings().tools.pg_dump;
  const io::ProcessEnd end =
      io::RunProgram({.arguments = {program, "--version"}}, "", kQueryLimits, clock(), std::move(stop));
  // "pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"
  const int major = MajorVersionAfter(end.output, "(PostgreSQL) ");
  if (major == 0) {
    throw Error(ErrorKind::kPermanent, program + " does not say which version of pg_dump it is",
                "name PostgreSQL's own pg_dump in the configuration, [postgresql] pg_dump");
  }
  if (major < server_major) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is of version {}, the server is of version {}", program, major, server_major),
                ClientHint(server_major));
  }
}

void RequireDatabaseName(const std::string& name) {
  const bool has_control =
      std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
  if (!name.empty() && name.size() <= kLongestName && !has_control && IsValidUtf8(name)) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is not the name of a PostgreSQL database", Quoted(name)),
              fmt::format("give its name, in UTF-8: 1 to {} bytes", kLongestName));
}

std::string SqlIdentifier(std::string_view name) { return Doubled(name, '"'); }

std::string SqlText(std::string_view text) { return Doubled(text, '\''); }

std::string ConnectionSetting(std::string_view database) {
  std::string setting = "dbname='";
  for (const char c : database) {
    if (c == '\'' || c == '\\') setting += '\\';
    setting += c;
  }
  return setting + "'";
}

}  // namespace cofre::sources
