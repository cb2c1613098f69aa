#include "model/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"

namespace cofre {
namespace {

using ::testing::HasSubstr;

Server GoodServer() { return {.name = "local"}; }
Company GoodCompany() { return {.id = "900869750", .name = "Ñandú S.A.S.", .server = "local"}; }
Database GoodDatabase() { return {.company = "900869750", .fiscal_year = 2025, .path = "C:\\Datos\\Año 2025\\C.FDB"}; }
Backup GoodBackup() {
  return {.snapshot_id = std::string(64, 'a'),
          .company = "900869750",
          .fiscal_year = 2025,
          .path = "/900869750/2025/C.fbk"};
}
Job GoodJob() { return {.company = "900869750", .owner = "host/boot/1/2"}; }

// Changes a good value and returns what is said against it; "" where it is accepted.
template <typename Value>
std::string Refusal(Value value, const std::function<void(Value&)>& change) {
  change(value);
  try {
    RequireValid(value);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

TEST(ValidateTest, AcceptsGoodValues) {
  RequireValid(GoodServer());
  RequireValid(GoodCompany());
  RequireValid(GoodDatabase());
  RequireValid(GoodBackup());
  RequireValid(GoodJob());
}

TEST(ValidateTest, AServersNameAndLimitsAreChecked) {
  EXPECT_NE(Refusal<Server>(GoodServer(), [](auto& s) { s.name = "a/b"; }), "");
  EXPECT_NE(Refusal<Server>(GoodServer(), [](auto& s) { s.name = "local "; }), "");
  EXPECT_THAT(Refusal<Server>(GoodServer(), [](auto& s) { s.max_concurrent = 0; }), HasSubstr("'0' is not one from 1"));
  EXPECT_NE(Refusal<Server>(GoodServer(), [](auto& s) { s.max_concurrent = 1001; }), "");
  EXPECT_THAT(Refusal<Server>(GoodServer(), [](auto& s) { s.host = "a\nb"; }),
              HasSubstr("the host 'a?b' has a control"));
}

TEST(ValidateTest, ACompanysFieldsAreChecked) {
  EXPECT_NE(Refusal<Company>(GoodCompany(), [](auto& c) { c.id = "900.869.750-0"; }), "");
  EXPECT_THAT(Refusal<Company>(GoodCompany(), [](auto& c) { c.name = " "; }), HasSubstr("the name is empty"));
  EXPECT_THAT(Refusal<Company>(GoodCompany(),
                               [](auto& c) {
                                 c.name =
                                     "\xD1"
                                     "andu";
                               }),
              HasSubstr("is not UTF-8"));
  EXPECT_NE(Refusal<Company>(GoodCompany(), [](auto& c) { c.name = std::string(1025, 'x'); }), "");
  EXPECT_NE(Refusal<Company>(GoodCompany(), [](auto& c) { c.server = ""; }), "");
  EXPECT_NE(Refusal<Company>(GoodCompany(), [](auto& c) { c.backup_time = std::chrono::minutes(1440); }), "");
  EXPECT_NE(Refusal<Company>(GoodCompany(), [](auto& c) { c.backup_time = std::chrono::minutes(-1); }), "");
  EXPECT_NE(Refusal<Company>(GoodCompany(), [](auto& c) { c.space_limit_bytes = 0; }), "");
  EXPECT_NE(Refusal<Company>(GoodCompany(), [](auto& c) { c.space_limit_bytes = UINT64_MAX; }), "");
}

TEST(ValidateTest, ARepositoryHasExactlyTwoSegments) {
  const auto with = [](const char* repository) {
    return Refusal<Company>(GoodCompany(), [&](auto& c) { c.repository = repository; });
  };
  EXPECT_EQ(with("local/900869750"), "");
  for (const char* bad : {"900869750", "local/", "/900869750", "a/b/900869750", "local/900869750/x", "../900869750"}) {
    EXPECT_NE(with(bad), "") << bad;
  }
}

TEST(ValidateTest, ADatabaseHasAPathOrACommand) {
  EXPECT_NE(Refusal<Database>(GoodDatabase(), [](auto& d) { d.path = ""; }), "");
  EXPECT_NE(Refusal<Database>(GoodDatabase(), [](auto& d) { d.command = {"cat"}; }), "");
  EXPECT_NE(Refusal<Database>(GoodDatabase(), [](auto& d) { d.fiscal_year = 20255; }), "");
  EXPECT_NE(Refusal<Database>(GoodDatabase(), [](auto& d) { d.path = std::string("a\0b", 3); }), "");
  const auto with = [](std::vector<std::string> command) {
    return Refusal<Database>(GoodDatabase(), [&](auto& d) { d.path = "", d.command = command; });
  };
  EXPECT_EQ(with({"pg_dump", "", "-Fc"}), "");
  EXPECT_NE(with({"", "-Fc"}), "");
  EXPECT_NE(with(std::vector<std::string>(65, "x")), "");
}

TEST(ValidateTest, APhysicalCopyIsOfFirebirdOnThisMachine) {
  const auto refusal = [](const Server& server) {
    try {
      RequireMethod(server, DumpMethod::kPhysical);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_NE(error.hint(), "");
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal({.name = "local"}), "");
  EXPECT_EQ(refusal({.name = "srv1", .host = "localhost"}), "");
  EXPECT_THAT(refusal({.name = "srv1", .host = "10.0.0.5"}), testing::HasSubstr("srv1 lie on 10.0.0.5"));
  EXPECT_NE(refusal({.name = "srv1", .host = "127.0.0.1"}), "");
  EXPECT_THAT(refusal({.name = "pg1", .engine = Engine::kPostgresql}), testing::HasSubstr("only Firebird"));
  EXPECT_NO_THROW(RequireMethod({.name = "pg1", .engine = Engine::kPostgresql, .host = "x"}, DumpMethod::kLogical));
}

TEST(ValidateTest, ABackupsIdAndFiguresAreChecked) {
  EXPECT_NE(Refusal<Backup>(GoodBackup(), [](auto& b) { b.snapshot_id = "abc"; }), "");
  EXPECT_NE(Refusal<Backup>(GoodBackup(), [](auto& b) { b.snapshot_id = std::string(64, 'G'); }), "");
  EXPECT_NE(Refusal<Backup>(GoodBackup(), [](auto& b) { b.company = "x"; }), "");
  EXPECT_NE(Refusal<Backup>(GoodBackup(), [](auto& b) { b.fiscal_year = 0; }), "");
  EXPECT_NE(Refusal<Backup>(GoodBackup(), [](auto& b) { b.path = ""; }), "");
  EXPECT_NE(Refusal<Backup>(GoodBackup(), [](auto& b) { b.dump_bytes = UINT64_MAX; }), "");
}

TEST(ValidateTest, AJobHasACompanyAndAnOwner) {
  EXPECT_NE(Refusal<Job>(GoodJob(), [](auto& j) { j.company = ""; }), "");
  EXPECT_NE(Refusal<Job>(GoodJob(), [](auto& j) { j.owner = ""; }), "");
  EXPECT_NE(Refusal<Job>(GoodJob(), [](auto& j) { j.fiscal_year = 25; }), "");
}

}  // namespace
}  // namespace cofre
