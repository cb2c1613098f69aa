#pragma once

// What the parts of the PostgreSQL source share: one server, the tools, and how they are started.

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/child_process.h"
#include "sources/postgresql.h"

namespace cofre::sources {

// The database that every server has, for statements about others.
inline constexpr const char* kMaintenanceDatabase = "postgres";

class PostgresqlConnection {
 public:
  // `clock` outlives it and its copies.
  PostgresqlConnection(PostgresqlSettings settings, Clock& clock)
      : settings_(std::make_shared<const PostgresqlSettings>(std::move(settings))), clock_(&clock) {}

  const PostgresqlSettings& settings() const { return *settings_; }
  Clock& clock() const { return *clock_; }

  // Where the server is and which database is meant, with the credentials, in its environment: libpq's variables take
  // any name as it is.
  io::Command CommandFor(const std::string& database, std::vector<std::string> arguments) const;

  // psql, which ends at the first error and prints rows of columns with '|' between, in UTF-8.
  io::Command PsqlFor(const std::string& database) const;

  // Runs statements on a database and returns what psql printed: rows of columns with '|' between. Throws what
  // PostgresqlError makes of its errors.
  std::string Query(const std::string& database, std::string_view sql, std::stop_token stop) const;

  // Throws kind usage where pg_dump is of an older major version than `server_major`.
  void RequireNewEnough(int server_major, std::stop_token stop) const;

 private:
  std::shared_ptr<const PostgresqlSettings> settings_;
  Clock* clock_;
};

// As SQL writes them: "na""me", 'te''xt'.
std::string SqlIdentifier(std::string_view name);
std::string SqlText(std::string_view text);

// "dbname='na\'me'", for a tool that takes a database only as an argument, which libpq reads as settings.
std::string ConnectionSetting(std::string_view database);

}  // namespace cofre::sources
