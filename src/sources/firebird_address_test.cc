#include "sources/firebird_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sources/dump_name.h"
#include "tests/support/expect_error.h"

namespace cofre::sources {
namespace {

using testing::HasSubstr;

TEST(FirebirdAddressTest, NamesHostPortAndPath) {
  EXPECT_EQ(FirebirdAddress("db.example.com", 0, "/data/a.fdb"), "db.example.com/3050:/data/a.fdb");
  EXPECT_EQ(FirebirdAddress("db", 3051, "contab"), "db/3051:contab");
  EXPECT_EQ(FirebirdAddress("db", 3051, "C:\\Datos\\a b.fdb"), "db/3051:C:\\Datos\\a b.fdb");
  EXPECT_EQ(FirebirdAddress("fe80::1", 0, "x"), "[fe80::1]/3050:x");
}

TEST(FirebirdAddressTest, WithoutAHostItIsThePath) {
  EXPECT_EQ(FirebirdAddress("", 3050, "/data/año \"x\".fdb"), "/data/año \"x\".fdb");
}

TEST(FirebirdAddressTest, WhatCannotBeAnAddressIsRefused) {
  EXPECT_ERROR(FirebirdAddress("", 0, ""), ErrorKind::kUsage, HasSubstr("empty"));
  EXPECT_ERROR(FirebirdAddress("", 0, "/data/a:b.fdb"), ErrorKind::kUsage, HasSubstr("a:b"));
  EXPECT_ERROR(FirebirdAddress("", 0, "-user"), ErrorKind::kUsage, HasSubstr("option"));
  EXPECT_ERROR(FirebirdAddress("-user", 0, "x"), ErrorKind::kUsage, HasSubstr("host"));
  EXPECT_ERROR(FirebirdAddress("db", 0, std::string("a\0b", 3)), ErrorKind::kUsage, HasSubstr("zero byte"));
  EXPECT_ERROR(FirebirdAddress("db", 0, "A\xf1o"), ErrorKind::kUsage, HasSubstr("UTF-8"));
}

TEST(DumpNameTest, IsTheLastPartWithoutExtension) {
  EXPECT_EQ(DumpNameFromPath("/data/CONTAB.fdb", ".fbk"), "CONTAB.fbk");
  EXPECT_EQ(DumpNameFromPath("C:\\Datos\\Año 2025\\CONTAB.V2.FDB", ".fbk"), "CONTAB.V2.fbk");
  EXPECT_EQ(DumpNameFromPath("C:contab.fdb", ".fbk"), "contab.fbk");
  EXPECT_EQ(DumpNameFromPath("alias", ".fbk"), "alias.fbk");
}

TEST(DumpNameTest, IsPlainWhateverThePath) {
  EXPECT_EQ(DumpNameFromPath("/d/Contab España (1).fdb", ".fbk"), "Contab_Espa_a__1_.fbk");
  EXPECT_EQ(DumpNameFromPath("/d/.fdb", ".fbk"), "_fdb.fbk");
  EXPECT_EQ(DumpNameFromPath("", ".fbk"), "database.fbk");
  EXPECT_EQ(DumpNameFromPath("/data/", ".fbk"), "database.fbk");
  EXPECT_EQ(DumpNameFromPath("..", ".fbk"), "database.fbk");
  EXPECT_EQ(DumpNameFromPath("/d/" + std::string(300, 'x'), ".fbk"), std::string(100, 'x') + ".fbk");
}

}  // namespace
}  // namespace cofre::sources
