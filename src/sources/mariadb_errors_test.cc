#include "sources/mariadb_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cofre::sources {
namespace {

Error ErrorFor(const std::string& said) { return MariadbError({.exit_status = 1, .errors = said}, "mariadb", "db"); }

std::string KindFor(const std::string& said) { return std::string(ErrorKindName(ErrorFor(said).kind())); }

TEST(MariadbErrorsTest, AStatementThatFailedIsNotRepeated) {
  EXPECT_EQ(MariadbErrorText("--------------\nINSERT INTO t VALUES ('secret')\n--------------\n\n"
                             "ERROR 1062 (23000) at line 3: Duplicate entry 'secret' for key 'PRIMARY'\n"),
            "ERROR 1062 (23000) at line 3: Duplicate entry");
  EXPECT_EQ(MariadbErrorText("ERROR 1064 (42000) at line 1: You have an error near 'secret' at line 1"),
            "ERROR 1064 (42000) at line 1: You have an error near");
}

TEST(MariadbErrorsTest, TheNumberIsFoundInEachOfTheirForms) {
  EXPECT_EQ(MariadbErrorNumber("ERROR 1049 (42000) at line 1: Unknown database 'x'"), 1049);
  EXPECT_EQ(MariadbErrorNumber("Got error: 1045: \"Access denied for user\" when trying to connect"), 1045);
  EXPECT_EQ(MariadbErrorNumber("Error 2013: Lost connection to server during query when dumping table `x`"), 2013);
  EXPECT_EQ(MariadbErrorNumber("Couldn't execute 'show events': Access denied to database 'x' (1044)"), 1044);
  EXPECT_EQ(MariadbErrorNumber("something (else) happened"), 0);
  EXPECT_EQ(MariadbErrorNumber("something (1044) happened"), 0);
}

TEST(MariadbErrorsTest, ServersOfAnyLanguageAreUnderstood) {
  EXPECT_EQ(KindFor("ERROR 1045 (28000): Acceso negado para usuario: 'x'@'y' (Usando clave: SI)"), "auth");
  EXPECT_EQ(KindFor("ERROR 1049 (42000): Base de datos desconocida 'x'"), "not_found");
  EXPECT_EQ(KindFor("mariadb-dump: Got error: 2002: \"Can't connect to server\" when trying to connect"), "transient");
  EXPECT_EQ(KindFor("ERROR 1007 (HY000) at line 1: No puedo crear base de datos 'x'"), "usage");
}

TEST(MariadbErrorsTest, ANameIsNotTakenForANumber) {
  EXPECT_EQ(KindFor("ERROR 1049 (42000): Unknown database 'x (1045)'"), "not_found");
}

TEST(MariadbErrorsTest, TheFirstNumberCounts) {
  EXPECT_EQ(KindFor("mariadb-dump: Couldn't execute 'show create table `v`': View is invalid (1356)\n"
                    "mariadb-dump: Got error: 2013: \"Lost connection\""),
            "permanent");
}

TEST(MariadbErrorsTest, WhatIsSaidInWordsAloneIsUnderstood) {
  EXPECT_EQ(KindFor("mariadb-dump: x has insufficient privileges to SHOW CREATE FUNCTION `f`!"), "auth");
}

TEST(MariadbErrorsTest, WhatNobodyKnowsIsPermanentAndSaysHowItEnded) {
  const Error unknown = ErrorFor("");
  EXPECT_EQ(unknown.kind(), ErrorKind::kPermanent);
  EXPECT_STREQ(unknown.what(), "db: mariadb ended with exit status 1");
  EXPECT_STREQ(ErrorFor("mariadb: caf\xe9").what(), "db: caf\xef\xbf\xbd");
}

}  // namespace
}  // namespace cofre::sources
