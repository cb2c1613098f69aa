// What is PostgreSQL's own of its source, against a real server over TCP; tests/contract has what is every engine's.

#include "sources/postgresql.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "tests/support/expect_error.h"
#include "tests/support/postgresql_database.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {
namespace {

using test::ReadAll;
using testing::HasSubstr;

class PostgresqlTest : public testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_SERVER("COFRE_TEST_POSTGRESQL");
    server_ = test::TestPostgresqlServer();
    // Tests of several processes share the server.
    database_ = "cofre-test-" + std::to_string(getpid());
    settings_.server.host = server_.host;
    settings_.server.port = server_.port;
    settings_.server.user = server_.user;
    settings_.password = server_.password;
  }

  void TearDown() override {
    if (database_.empty()) return;
    server_.Drop(database_);
    server_.Drop(New());
  }

  std::unique_ptr<Source> MakeSource() const {
    PostgresqlSettings settings = settings_;
    settings.database = database_;
    return MakePostgresqlSource(settings, SystemClock());
  }

  // The target's name where it is there.
  std::string HalfMade() const {
    return server_.Sql("postgres", "SELECT datname FROM pg_database WHERE datname = '" + New() + "';");
  }

  void UseFake(std::string& program, const std::string& script) {
    program = folder_.File("fake");
    WriteFileAtomically(program, AsBytes("#!/bin/sh\n" + script), 0755);
  }

  std::string New() const { return database_ + " new"; }

  test::PostgresqlServer server_;
  test::TemporaryFolder folder_;
  std::string database_;
  PostgresqlSettings settings_;
};

TEST_F(PostgresqlTest, NamesMayHoldBlanksQuotesAndLettersOfAnyKind) {
  const std::string plain = database_;
  for (const char* name : {" España 2025", " it's", "\"quoted\"", "$HOME;(1)&", " dbname=postgres", "\\'\\"}) {
    database_ = plain + name;
    server_.CreateCompany(database_, 10);
    const std::string dump = ReadAll(*MakeSource()->Dump({}));
    test::WriteAll(*MakeSource()->Restore(New(), false, {}), dump);
    EXPECT_EQ(server_.Fingerprint(New()), server_.Fingerprint(database_)) << name;
    EXPECT_TRUE(MakeSource()->Probe({}).size_bytes) << name;
    EXPECT_ERROR(MakeSource()->Restore(database_, false, {}), ErrorKind::kUsage, HasSubstr("exists"));
    TearDown();
  }
  for (const std::string& name : {std::string(), std::string(64, 'x'), std::string("a\nb"), std::string("\xff")}) {
    database_ = name;
    EXPECT_ERROR(MakeSource(), ErrorKind::kUsage, HasSubstr("not the name"));
  }
  database_ = plain;
}

TEST_F(PostgresqlTest, ADotInANameBeginsNoExtension) {
  database_ = "ventas.2025 año";
  EXPECT_EQ(MakeSource()->DumpName(), "ventas.2025_a_o.pgdump");
  database_.clear();
}

TEST_F(PostgresqlTest, WhatTheUserMayNotReadIsAnAuthError) {
  server_.CreateCompany(database_, 10);
  const std::string user = database_ + "-user";
  server_.Sql(database_, "CREATE ROLE \"" + user + "\" LOGIN PASSWORD 'secret-x';");
  settings_.server.user = user;
  settings_.password = Secret("secret-x");
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kAuth, HasSubstr("permission denied"));
  EXPECT_ERROR(MakeSource()->Restore(New(), false, {}), ErrorKind::kAuth, HasSubstr("permission denied"));
  server_.Sql(database_, "DROP ROLE \"" + user + "\";");
}

TEST_F(PostgresqlTest, ToolsOlderThanTheServerAreRefusedWithTheMend) {
  server_.Create(database_);
  UseFake(settings_.tools.pg_dump, "echo 'pg_dump (PostgreSQL) 9.6.24'\n");
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kUsage, HasSubstr("version 9"));
  UseFake(settings_.tools.pg_dump,
          "echo 'pg_dump: error: aborting because of server version mismatch' >&2\n"
          "echo 'pg_dump: detail: server version: 16.1 (Debian 16.1-1); pg_dump version: 15.20' >&2; exit 1\n");
  try {
    ReadAll(*MakeSource()->Dump({}));
    ADD_FAILURE() << "threw nothing";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_EQ(error.hint(), "install postgresql-client-16");
  }
}

TEST_F(PostgresqlTest, ATargetThatAppearsMeanwhileIsNotTouched) {
  server_.CreateCompany(database_, 10);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(New(), false, {});
  restore->Write(AsBytes(dump));
  server_.Create(New());
  server_.Sql(New(), "CREATE TABLE theirs (x int);");
  EXPECT_ERROR((restore->Finish(), 0), ErrorKind::kUsage, HasSubstr("already exists"));
  EXPECT_EQ(MakeSource()->CountTables(New(), {}), 1U);
}

TEST_F(PostgresqlTest, AnInterruptedRestoreLeavesNothing) {
  server_.CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  // Other tests restore on the same server meanwhile: theirs go too.
  const auto of_restores = [&](const std::string& condition) {
    const std::string query = "SELECT string_agg(quote_literal(datname), ',') FROM pg_database WHERE datname LIKE ";
    return std::string(Trimmed(server_.Sql("postgres", query + "'cofre-restore-%'" + condition + ";")));
  };
  const std::string before = of_restores("");
  const std::string others = before.empty() ? "" : " AND datname NOT IN (" + before + ")";
  std::string ours;
  {
    const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(New(), false, {});
    restore->Write(AsBytes(dump).first(dump.size() / 2));
    ours = of_restores(others);
    EXPECT_NE(ours, "");
  }
  std::string left = ours;
  for (int i = 0; i < 500 && !left.empty(); ++i) left = of_restores(" AND datname IN (" + ours + ")");
  EXPECT_EQ(left, "");
  EXPECT_EQ(HalfMade(), "");
}

TEST_F(PostgresqlTest, WhatAKilledRestoreLeftIsDroppedByALaterOne) {
  server_.CreateCompany(database_, 10);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  // Made at 2026-01-01T00:00:00Z, and now.
  const std::string old = fmt::format("cofre-restore-6955b900{:08x}", getpid());
  const auto now = std::chrono::floor<std::chrono::seconds>(SystemClock().Now()).time_since_epoch().count();
  const std::string fresh = fmt::format("cofre-restore-{:08x}{:08x}", now, getpid());
  server_.Create(old);
  server_.Create(fresh);
  test::WriteAll(*MakeSource()->Restore(New(), false, {}), dump);
  EXPECT_ERROR(MakeSource()->CountTables(old, {}), ErrorKind::kNotFound, HasSubstr(old));
  EXPECT_EQ(MakeSource()->CountTables(fresh, {}), 0U);
  server_.Drop(fresh);
}

TEST_F(PostgresqlTest, OnlyScratchDatabasesAreDropped) {
  server_.Create(database_);
  EXPECT_ERROR((MakeSource()->DropScratch(database_, {}), 0), ErrorKind::kUsage, HasSubstr("not removed"));
  const std::string scratch = std::string(kScratchPrefix) + std::to_string(getpid());
  MakeSource()->DropScratch(scratch, {});
  server_.Create(scratch);
  MakeSource()->DropScratch(scratch, {});
  EXPECT_ERROR(MakeSource()->CountTables(scratch, {}), ErrorKind::kNotFound, HasSubstr(scratch));
  EXPECT_EQ(MakeSource()->CountTables(database_, {}), 0U);
}

TEST_F(PostgresqlTest, ARoleThatIsMissingIsToldWithTheMend) {
  server_.CreateCompany(database_, 10);
  const std::string role = database_ + "-owner";
  server_.Sql(database_, "CREATE ROLE \"" + role + "\"; ALTER TABLE parties OWNER TO \"" + role + "\";");
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  server_.Sql(database_, "ALTER TABLE parties OWNER TO CURRENT_USER; DROP ROLE \"" + role + "\";");
  const auto restore = [&] {
    test::WriteAll(*MakeSource()->Restore(New(), false, {}), dump);
    return 0;
  };
  EXPECT_ERROR(restore(), ErrorKind::kPermanent, HasSubstr(role));
  EXPECT_EQ(HalfMade(), "");
}

}  // namespace
}  // namespace cofre::sources
