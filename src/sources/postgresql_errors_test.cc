#include "sources/postgresql_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cofre::sources {
namespace {

Error ErrorFor(const std::string& said) { return PostgresqlError({.exit_status = 1, .errors = said}, "pg_dump", "db"); }

std::string KindFor(const std::string& said) { return std::string(ErrorKindName(ErrorFor(said).kind())); }

TEST(PostgresqlErrorsTest, TheTextIsWhatIsWrongAndNothingElse) {
  EXPECT_EQ(PostgresqlErrorText("pg_dump: warning: there are circular foreign-key constraints\n"
                                "pg_dump: error: query failed: ERROR:  permission denied for table x\n"
                                "pg_dump: detail: Query was: LOCK TABLE x\n"
                                "pg_dump: hint: Consider something\n"),
            "query failed: ERROR:  permission denied for table x; Query was: LOCK TABLE x");
  EXPECT_EQ(PostgresqlErrorText("psql:<stdin>:2: ERROR:  database \"a\" already exists\n"),
            "ERROR:  database \"a\" already exists");
}

TEST(PostgresqlErrorsTest, AStatementThatFailedIsNotRepeated) {
  EXPECT_EQ(PostgresqlErrorText("pg_restore: error: could not execute query: ERROR:  role \"x\" does not exist\n"
                                "Command was: ALTER TABLE t\n  OWNER TO secret;\n"),
            "could not execute query: ERROR:  role \"x\" does not exist");
}

TEST(PostgresqlErrorsTest, ServersOfAnyLanguageAreUnderstood) {
  EXPECT_EQ(KindFor("FATAL:  la autentificación password falló para el usuario «cofre»"), "auth");
  EXPECT_EQ(KindFor("FATAL:  no existe la base de datos «cont»"), "not_found");
  EXPECT_EQ(KindFor("FATAL:  no existe el rol «cofre»"), "auth");
  EXPECT_EQ(KindFor("ERROR:  permiso denegado a la tabla parties"), "auth");
  EXPECT_EQ(KindFor("ERROR:  la base de datos «cont» ya existe"), "usage");
  EXPECT_EQ(KindFor("FATAL:  terminando la conexión debido a una orden del administrador"), "transient");
}

TEST(PostgresqlErrorsTest, ANameIsNotTakenForAMessage) {
  EXPECT_EQ(KindFor("FATAL:  database \"timeout expired\" does not exist"), "not_found");
  EXPECT_EQ(KindFor("FATAL:  no existe la base de datos «permission denied»"), "not_found");
}

TEST(PostgresqlErrorsTest, TheSameWordsMeanAnotherThingAtTheDoor) {
  EXPECT_EQ(KindFor("FATAL:  role \"cofre\" does not exist"), "auth");
  EXPECT_EQ(KindFor("ERROR:  role \"owner\" does not exist"), "permanent");
}

TEST(PostgresqlErrorsTest, DamageIsCorruptAndAFullDiskPermanent) {
  EXPECT_EQ(KindFor("ERROR:  invalid page in block 7 of relation base/5/16384"), "corrupt");
  EXPECT_EQ(KindFor("ERROR:  could not extend file \"base/5/16384\": No space left on device"), "permanent");
}

TEST(PostgresqlErrorsTest, WhatNobodyKnowsIsPermanentAndSaysHowItEnded) {
  const Error unknown = ErrorFor("");
  EXPECT_EQ(unknown.kind(), ErrorKind::kPermanent);
  EXPECT_STREQ(unknown.what(), "db: pg_dump ended with exit status 1");
  EXPECT_STREQ(ErrorFor("pg_dump: error: caf\xe9").what(), "db: caf\xef\xbf\xbd");
}

}  // namespace
}  // namespace cofre::sources
