#pragma once

// Real PostgreSQL databases for tests, on the test server.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/secret.h"

namespace cofre::test {

// Where scripts/servers has started PostgreSQL (see servers.h). Only after
// COFRE_REQUIRE_SERVER("COFRE_TEST_POSTGRESQL").
struct PostgresqlServer {
  std::string host;
  uint16_t port = 0;
  std::string user;
  std::string password_file;
  Secret password;

  // Runs statements through psql and gives what it printed, columns with '|' between. Throws std::runtime_error with
  // what psql said.
  std::string Sql(const std::string& database, const std::string& statements) const;

  // A company's books: tables with keys, an index, a sequence, a view, a function, a large object, values of all kinds.
  void CreateCompany(const std::string& database, int rows = 1000) const;
  // Of all of that.
  std::string Fingerprint(const std::string& database) const;

  // Makes a new one, or removes one where it is there, with whatever is connected to it.
  void Create(const std::string& database) const;
  void Drop(const std::string& database) const;
};
PostgresqlServer TestPostgresqlServer();

}  // namespace cofre::test
