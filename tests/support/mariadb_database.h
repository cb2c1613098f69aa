#pragma once

// Real MariaDB databases for tests, on the test server.

#include <cstdint>
#include <string>

#include "base/secret.h"

namespace cofre::test {

// Where scripts/servers has started MariaDB (see servers.h). Only after COFRE_REQUIRE_SERVER("COFRE_TEST_MARIADB").
struct MariadbServer {
  std::string host;
  uint16_t port = 0;
  std::string user;
  std::string password_file;
  Secret password;

  // Runs statements and gives what they gave, columns with tabs between. `database` may be empty. Throws
  // std::runtime_error with what mariadb said.
  std::string Sql(const std::string& database, const std::string& statements) const;

  // A company's books: tables with keys, generated columns, a sequence, a view, a function, a procedure, a trigger, an
  // event, former rows, values of all kinds; its character set is another one now than when they were made.
  void CreateCompany(const std::string& database, int rows = 1000) const;
  // Of all of that.
  std::string Fingerprint(const std::string& database) const;

  // Makes a new one, or removes one where it is there.
  void Create(const std::string& database) const;
  void Drop(const std::string& database) const;
};
MariadbServer TestMariadbServer();

}  // namespace cofre::test
