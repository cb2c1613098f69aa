#pragma once

// The real servers that scripts/test starts, as it names them in the environment. A test that needs one calls the macro
// first: without servers it is skipped, but where COFRE_TEST_REQUIRE_SERVERS is set (as scripts/test does) it fails.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace cofre::test {

inline std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

struct ServerAddress {
  std::string host;
  uint16_t port = 0;
};

// Of a setting like "127.0.0.1/3050".
inline ServerAddress AddressSetting(const char* name) {
  const std::string address = Setting(name);
  const size_t slash = address.find('/');
  return {address.substr(0, slash), static_cast<uint16_t>(std::stoi(address.substr(slash + 1)))};
}

// COFRE_TEST_S3_ENDPOINT   "http://127.0.0.1:7480", with keys COFRE_TEST_S3_ACCESS_KEY and COFRE_TEST_S3_SECRET_KEY
// COFRE_TEST_FIREBIRD      "127.0.0.1/3050", with COFRE_TEST_FIREBIRD_USER and COFRE_TEST_FIREBIRD_PASSWORD_FILE;
//                          COFRE_TEST_FIREBIRD_FOLDER is a folder in which the server may create databases
// COFRE_TEST_POSTGRESQL    "127.0.0.1/5432", with COFRE_TEST_POSTGRESQL_USER, who may do all, and
//                          COFRE_TEST_POSTGRESQL_PASSWORD_FILE
// COFRE_TEST_MARIADB       "127.0.0.1/3306", with COFRE_TEST_MARIADB_USER and COFRE_TEST_MARIADB_PASSWORD_FILE likewise
// COFRE_TEST_SMTP          "localhost:PORT" with STARTTLS, COFRE_TEST_SMTP_TLS with TLS from the first byte; login with
//                          COFRE_TEST_SMTP_USER and COFRE_TEST_SMTP_PASSWORD_FILE, authority in COFRE_TEST_SMTP_CA;
//                          what has come in lies in COFRE_TEST_SMTP_FOLDER (see tests/servers/smtp-server)
#define COFRE_REQUIRE_SERVER(variable)                                                   \
  do {                                                                                   \
    if (::cofre::test::Setting(variable).empty()) {                                      \
      if (!::cofre::test::Setting("COFRE_TEST_REQUIRE_SERVERS").empty())                 \
        FAIL() << variable << " is not set: start the servers with scripts/servers";     \
      GTEST_SKIP() << variable << " is not set: start the servers with scripts/servers"; \
    }                                                                                    \
  } while (false)

}  // namespace cofre::test
