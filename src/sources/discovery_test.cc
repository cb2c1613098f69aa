#include "sources/discovery.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/bytes.h"
#include "base/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/firebird_company.h"
#include "tests/support/mariadb_database.h"
#include "tests/support/postgresql_database.h"
#include "tests/support/servers.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(ListingTest, LinesHaveThreeOrFourFields) {
  EXPECT_THAT(ParseListing("\n 900.869.750-0 ; 2025;/data/a.fdb\r\n12345;2026;C:\\b.fdb; Ñandú \n"),
              ElementsAre(FoundDatabase{"900869750", 2025, "/data/a.fdb", ""},
                          FoundDatabase{"12345", 2026, "C:\\b.fdb", "Ñandú"}));
  EXPECT_THAT(ParseListing(" \n\n"), IsEmpty());
}

TEST(ListingTest, AnythingElseIsNamedByItsLine) {
  EXPECT_ERROR(ParseListing("12345;2025;/a\n12345;2026\n"), ErrorKind::kUsage,
               AllOf(HasSubstr("line 2"), HasSubstr("2 fields")));
  EXPECT_ERROR(ParseListing("12345;25;/a\n"), ErrorKind::kUsage, HasSubstr("line 1"));
  EXPECT_ERROR(ParseListing("x;2025;/a\n"), ErrorKind::kUsage, HasSubstr("line 1"));
  EXPECT_ERROR(ParseListing("12345;2025;\n"), ErrorKind::kUsage, HasSubstr("line 1"));
  EXPECT_ERROR(ParseListing("12345;2025;/a\n12345;2025;/b\n"), ErrorKind::kUsage, HasSubstr("two databases"));
  EXPECT_ERROR(ParseListing("12345;2025;/\xF1\n"), ErrorKind::kUsage, HasSubstr("UTF-8"));
}

TEST(ListByCommandTest, TheOutputOfAProgramThatEndedWell) {
  EXPECT_EQ(ListByCommand({"echo", "12345;2025;/a"}, SystemClock(), {}).size(), 1U);
  EXPECT_ERROR(ListByCommand({"sh", "-c", "echo '12345;2025;/a'; echo broken >&2; exit 1"}, SystemClock(), {}),
               ErrorKind::kPermanent, HasSubstr("broken"));
}

class ListByPatternTest : public ::testing::Test {
 protected:
  void Touch(const std::string& name) {
    const std::filesystem::path path = folder_.File(name);
    std::filesystem::create_directories(path.parent_path());
    WriteFileAtomically(path.string(), AsBytes("x"), 0600);
  }
  test::TemporaryFolder folder_;
};

TEST_F(ListByPatternTest, FilesWhosePathsFit) {
  Touch("12345/2025/CONTAB.FDB");
  Touch("12345/2026/CONTAB.FDB");
  Touch("900.869.750-0/2026/CONTAB.FDB");
  Touch("12345/2026/OTHER.FDB");
  Touch("12345/26/CONTAB.FDB");
  Touch("names/2026/CONTAB.FDB");
  std::filesystem::create_directories(folder_.File("77777/2026/CONTAB.FDB"));
  EXPECT_THAT(
      ListByPattern(folder_.File("{empresa}/{anio}/CONTAB.FDB")),
      UnorderedElementsAre(FoundDatabase{"12345", 2025, folder_.File("12345/2025/CONTAB.FDB"), ""},
                           FoundDatabase{"12345", 2026, folder_.File("12345/2026/CONTAB.FDB"), ""},
                           FoundDatabase{"900869750", 2026, folder_.File("900.869.750-0/2026/CONTAB.FDB"), ""}));
}

TEST_F(ListByPatternTest, BothInOneNameAndOneTwice) {
  Touch("data/12345/C12345_2026 (copia).fdb");
  Touch("data/12345/C54321_2026 x.fdb");
  EXPECT_THAT(ListByPattern(folder_.File("d*/{empresa}/C{empresa}_{anio} *.fdb")),
              ElementsAre(FoundDatabase{"12345", 2026, folder_.File("data/12345/C12345_2026 (copia).fdb"), ""}));
}

TEST_F(ListByPatternTest, WhatIsNoPatternAndWhatCannotBeReadAreErrors) {
  EXPECT_ERROR(ListByPattern("/data/{empresa}/x.fdb"), ErrorKind::kUsage, HasSubstr("{anio}"));
  EXPECT_ERROR(ListByPattern("data/{empresa}/{anio}.fdb"), ErrorKind::kUsage, HasSubstr("absolute"));
  EXPECT_ERROR(ListByPattern(folder_.File("unmounted/{empresa}/{anio}.fdb")), ErrorKind::kNotFound,
               HasSubstr("unmounted"));
  Touch("12345/2025.fdb");
  Touch("12345/2025.FDB");
  EXPECT_ERROR(ListByPattern(folder_.File("{empresa}/{anio}.*")), ErrorKind::kUsage, HasSubstr("two databases"));
}

TEST(ListByQueryTest, TheRowsOfARealDatabase) {
  COFRE_REQUIRE_FIREBIRD_TOOLS();
  const test::TemporaryFolder folder;
  const std::string path = folder.File("empresas.fdb");
  test::CreateCompany(path);
  const FirebirdSettings settings{
      .server = {.name = "local"}, .database = path, .password = {}, .tools = {}, .limits = {}};
  const std::string row = "select '12345;2026;/datos/año.fdb;Peña' from rdb$database";
  EXPECT_THAT(ListByQuery(settings, row, SystemClock(), {}),
              ElementsAre(FoundDatabase{"12345", 2026, "/datos/año.fdb", "Peña"}));
  EXPECT_ERROR(ListByQuery(settings, "select nothing from nowhere", SystemClock(), {}), ErrorKind::kPermanent,
               HasSubstr("NOWHERE"));
}

// More than is kept of a program that says little.
constexpr int kManyRows = 5000;

TEST(ListByQueryTest, TheRowsOfAPostgresqlServer) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_POSTGRESQL");
  const test::PostgresqlServer server = test::TestPostgresqlServer();
  PostgresqlSettings settings;
  settings.server = {.name = "pg", .host = server.host, .port = server.port, .user = server.user};
  settings.database = "postgres";
  settings.password = server.password;
  EXPECT_THAT(ListByQuery(settings, "SELECT '12345;2026;año 2026;Peña'", SystemClock(), {}),
              ElementsAre(FoundDatabase{"12345", 2026, "año 2026", "Peña"}));
  const std::string many =
      fmt::format("SELECT 10000 + g || ';2026;a database with a long name' FROM generate_series(1, {}) g", kManyRows);
  EXPECT_EQ(ListByQuery(settings, many, SystemClock(), {}).size(), kManyRows);
  EXPECT_ERROR(ListByQuery(settings, "SELECT nothing", SystemClock(), {}), ErrorKind::kPermanent, HasSubstr("nothing"));
}

TEST(ListByQueryTest, TheRowsOfAMariadbServer) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_MARIADB");
  const test::MariadbServer server = test::TestMariadbServer();
  MariadbSettings settings;
  settings.server = {.name = "maria", .host = server.host, .port = server.port, .user = server.user};
  settings.database = "information_schema";
  settings.password = server.password;
  EXPECT_THAT(ListByQuery(settings, "SELECT '12345;2026;año 2026;Peña'", SystemClock(), {}),
              ElementsAre(FoundDatabase{"12345", 2026, "año 2026", "Peña"}));
  const std::string many = fmt::format(
      "SELECT CONCAT_WS(';', 10000 + seq, 2026, 'a database with a long name') FROM mysql.seq_1_to_{}", kManyRows);
  EXPECT_EQ(ListByQuery(settings, many, SystemClock(), {}).size(), kManyRows);
  EXPECT_ERROR(ListByQuery(settings, "SELECT nothing", SystemClock(), {}), ErrorKind::kPermanent, HasSubstr("nothing"));
}

}  // namespace
}  // namespace cofre::sources
