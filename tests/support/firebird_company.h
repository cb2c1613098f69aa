#pragma once

// Real Firebird databases for tests: the demo company of scripts/demo-company, and the test server.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/secret.h"

namespace cofre::test {

// Where scripts/servers has started Firebird (see servers.h). Only after COFRE_REQUIRE_SERVER("COFRE_TEST_FIREBIRD").
struct FirebirdServer {
  std::string host;
  uint16_t port = 0;
  std::string user;
  Secret password;
  std::string folder;  // the server may create databases here; it is this machine's too

  // "host/port:path", for the functions below.
  std::string Address(const std::string& path) const;
};
FirebirdServer TestFirebirdServer();

// `database` is a path (embedded engine) or FirebirdServer::Address, then with its password. They throw
// std::runtime_error with what the tool said.
void CreateCompany(const std::string& database, const std::string& scale = "0.001", const Secret& password = {});
void LiveADay(const std::string& database, const Secret& password = {});
std::string Fingerprint(const std::string& database, const Secret& password = {});

// Runs statements through isql and gives what it printed.
std::string Sql(const std::string& database, const std::string& statements, const Secret& password = {});

// Adds `megabytes` of rows that do not compress.
void Fatten(const std::string& database, int megabytes, const Secret& password = {});

// Skips a test where Firebird's tools are not installed; fails it where scripts/test promised them.
bool HasFirebirdTools();
#define COFRE_REQUIRE_FIREBIRD_TOOLS()                                                                           \
  do {                                                                                                           \
    if (!::cofre::test::HasFirebirdTools()) {                                                                    \
      if (!::cofre::test::Setting("COFRE_TEST_REQUIRE_SERVERS").empty()) FAIL() << "gbak or isql-fb is missing"; \
      GTEST_SKIP() << "gbak or isql-fb is missing";                                                              \
    }                                                                                                            \
  } while (false)

}  // namespace cofre::test
