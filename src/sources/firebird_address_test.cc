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
  EXPECT_EQ(MakeFirebirdAddress("db.example.com", 0, "/data/a.fdb", "").argument, "db.example.com/3050:/data/a.fdb");
  EXPECT_EQ(MakeFirebirdAddress("db", 3051, "contab", "").argument, "db/3051:contab");
  EXPECT_EQ(MakeFirebirdAddress("db", 3051, "C:\\Datos\\a b.fdb", "").argument, "db/3051:C:\\Datos\\a b.fdb");
  EXPECT_EQ(MakeFirebirdAddress("fe80::1", 0, "x", "").argument, "[fe80::1]/3050:x");
}

TEST(FirebirdAddressTest, WithoutAHostItIsThePath) {
  EXPECT_EQ(MakeFirebirdAddress("", 3050, "/data/año \"x\".fdb", "").argument, "/data/año \"x\".fdb");
}

TEST(FirebirdAddressTest, APathInTheServersCodePageIsShownInUtf8) {
  const FirebirdAddress address = MakeFirebirdAddress("db", 0, "C:\\Año\\ñ.fdb", "CP1252");
  EXPECT_EQ(address.argument, "db/3050:C:\\A\xf1o\\\xf1.fdb");
  EXPECT_EQ(address.shown, "db/3050:C:\\Año\\ñ.fdb");
}

TEST(FirebirdAddressTest, LongPathsAreConvertedWhole) {
  std::string path;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    path += "ñ";
    expected += '\xf1';
  }
  EXPECT_EQ(ToCharset(path, "ISO-8859-1"), expected);
}

TEST(FirebirdAddressTest, WhatCannotBeAnAddressIsRefused) {
  EXPECT_ERROR(MakeFirebirdAddress("", 0, "", ""), ErrorKind::kUsage, HasSubstr("empty"));
  EXPECT_ERROR(MakeFirebirdAddress("", 0, "/data/a:b.fdb", ""), ErrorKind::kUsage, HasSubstr("a:b"));
  EXPECT_ERROR(MakeFirebirdAddress("", 0, "-user", ""), ErrorKind::kUsage, HasSubstr("option"));
  EXPECT_ERROR(MakeFirebirdAddress("-user", 0, "x", ""), ErrorKind::kUsage, HasSubstr("host"));
  EXPECT_ERROR(MakeFirebirdAddress("db", 0, std::string("a\0b", 3), ""), ErrorKind::kUsage, HasSubstr("zero byte"));
  EXPECT_ERROR(MakeFirebirdAddress("db", 0, "日本", "CP1252"), ErrorKind::kUsage, HasSubstr("CP1252"));
  EXPECT_ERROR(MakeFirebirdAddress("db", 0, "\xff\xfe", "CP1252"), ErrorKind::kUsage, HasSubstr("CP1252"));
  EXPECT_ERROR(MakeFirebirdAddress("db", 0, "x", "NO-SUCH-SET"), ErrorKind::kUsage, HasSubstr("NO-SUCH-SET"));
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
