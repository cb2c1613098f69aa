// The PostgreSQL source against a real server over TCP.

#include "sources/postgresql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "tests/support/expect_error.h"
#include "tests/support/postgresql_database.h"
#include "tests/support/processes.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {
namespace {

using std::chrono::seconds;
using test::ReadAll;
using testing::_;
using testing::HasSubstr;
using testing::Not;

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

  // Rows that make a dump last: several times what fits into pipes and buffers.
  void Fatten(int megabytes) const {
    server_.Sql(database_, "CREATE TABLE fat AS SELECT g, repeat(md5(g::text), 32) FROM generate_series(1, " +
                               std::to_string(megabytes * 1000) + ") g;");
  }

  void UseFake(std::string& program, const std::string& script) {
    program = folder_.File("fake");
    WriteFileAtomically(program, AsBytes("#!/bin/sh\n" + script), 0755);
  }

  std::string New() const { return database_ + " new"; }

  // A dump that has begun, and its process.
  std::unique_ptr<ByteSource> BeginDump() {
    auto dump = MakeSource()->Dump({});
    Bytes buffer(1000);
    dump->Read(buffer);
    dumping_ = test::ChildNamed(getpid(), "pg_dump");
    EXPECT_NE(dumping_, 0);
    return dump;
  }

  test::PostgresqlServer server_;
  test::TemporaryFolder folder_;
  std::string database_;
  PostgresqlSettings settings_;
  pid_t dumping_ = 0;
};

TEST_F(PostgresqlTest, ADumpRestoresToTheSameContent) {
  server_.CreateCompany(database_);
  test::WriteAll(*MakeSource()->Restore(New(), false, {}), ReadAll(*MakeSource()->Dump({})));
  EXPECT_EQ(server_.Fingerprint(New()), server_.Fingerprint(database_));
  EXPECT_EQ(MakeSource()->CountTables(New(), {}), 2U);
}

TEST_F(PostgresqlTest, ADumpIsOneMomentWhileAWriterIsActive) {
  server_.CreateCompany(database_);
  Fatten(8);
  server_.Sql(database_, "CREATE TABLE z_last AS SELECT 0 AS value;");
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  Bytes first(100);
  const size_t got = dump->Read(first);
  server_.Sql(database_, "UPDATE z_last SET value = 1; DELETE FROM fat WHERE g % 2 = 0;");
  test::WriteAll(*MakeSource()->Restore(New(), false, {}), std::string(AsText(first).substr(0, got)) + ReadAll(*dump));
  EXPECT_EQ(server_.Sql(New(), "SELECT value FROM z_last; SELECT count(*) FROM fat;"), "0\n8000\n");
}

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

TEST_F(PostgresqlTest, AProbeKnowsVersionAndSize) {
  server_.CreateCompany(database_, 10);
  const ProbeResult small = MakeSource()->Probe({});
  EXPECT_THAT(small.engine_version, testing::MatchesRegex("[0-9]+\\.[0-9]+"));
  EXPECT_LT(small.size_bytes, 100'000U);
  Fatten(2);
  EXPECT_GT(MakeSource()->Probe({}).size_bytes, small.size_bytes);
}

TEST_F(PostgresqlTest, ADotInANameBeginsNoExtension) {
  database_ = "ventas.2025 año";
  EXPECT_EQ(MakeSource()->DumpName(), "ventas.2025_a_o.pgdump");
  database_.clear();
}

TEST_F(PostgresqlTest, AWrongPasswordIsAnAuthErrorEverywhere) {
  server_.Create(database_);
  for (const char* wrong : {"wrong", ""}) {
    settings_.password = Secret(wrong);
    EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kAuth, HasSubstr("password"));
    EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kAuth, HasSubstr("password"));
    EXPECT_ERROR(MakeSource()->Restore(New(), false, {}), ErrorKind::kAuth, HasSubstr("password"));
  }
}

TEST_F(PostgresqlTest, AMissingDatabaseIsNotFound) {
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kNotFound, HasSubstr(database_));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kNotFound, HasSubstr(database_));
  EXPECT_ERROR(MakeSource()->CountTables(New(), {}), ErrorKind::kNotFound, HasSubstr(New()));
}

TEST_F(PostgresqlTest, AnUnreachableServerIsTransient) {
  settings_.server.port = 1;  // nobody listens there
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kTransient, HasSubstr("Connection refused"));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kTransient, HasSubstr("Connection refused"));
  settings_.server.host = "no-such-host.invalid";
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kTransient, HasSubstr("no-such-host.invalid"));
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

TEST_F(PostgresqlTest, NoArgumentCarriesThePassword) {
  server_.Create(database_);
  Fatten(8);
  const std::unique_ptr<ByteSource> dump = BeginDump();
  EXPECT_THAT(test::CommandLine(dumping_), HasSubstr("--format=custom"));
  EXPECT_THAT(test::CommandLine(dumping_), Not(HasSubstr(server_.password.Reveal())));
}

TEST_F(PostgresqlTest, ADumpThatIsKilledHalfWayIsNoDump) {
  server_.Create(database_);
  Fatten(8);
  const std::unique_ptr<ByteSource> dump = BeginDump();
  kill(dumping_, SIGKILL);
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr("signal 9"));
}

TEST_F(PostgresqlTest, ALostConnectionEndsTheDump) {
  server_.Create(database_);
  Fatten(20);
  const std::unique_ptr<ByteSource> dump = BeginDump();
  server_.Sql("postgres",
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database_ + "';");
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr(database_));
}

TEST_F(PostgresqlTest, ADumpThatIsGivenUpLeavesNoProcess) {
  server_.Create(database_);
  Fatten(8);
  BeginDump().reset();
  EXPECT_FALSE(test::IsRunning(dumping_));
}

TEST_F(PostgresqlTest, AStopEndsADump) {
  server_.Create(database_);
  std::stop_source stop;
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump(stop.get_token());
  stop.request_stop();
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kCancelled, _);
  EXPECT_EQ(test::ChildNamed(getpid(), "pg_dump"), 0);
}

TEST_F(PostgresqlTest, AStalledDumpIsEndedAndLeavesNoProcess) {
  UseFake(settings_.tools.pg_dump, "printf PGDMPhalf; exec sleep 1000\n");
  settings_.limits.stall = seconds(1);
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  Bytes buffer(100);
  dump->Read(buffer);
  const pid_t sleeper = test::ChildNamed(getpid(), "sleep");
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr("stalled"));
  EXPECT_FALSE(test::IsRunning(sleeper));
}

TEST_F(PostgresqlTest, AnEndlessDumpIsEnded) {
  UseFake(settings_.tools.pg_dump, "exec yes\n");
  settings_.limits.endless = seconds(1);
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kPermanent, HasSubstr("longer than"));
  EXPECT_EQ(test::ChildNamed(getpid(), "yes"), 0);
}

TEST_F(PostgresqlTest, WhatIsNoArchiveIsNoDump) {
  UseFake(settings_.tools.pg_dump, "echo hello; exit 0\n");
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kCorrupt, HasSubstr("does not begin"));
  UseFake(settings_.tools.pg_dump, "exit 3\n");
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kPermanent, HasSubstr("exit status 3"));
}

TEST_F(PostgresqlTest, AnExistingTargetIsRefusedBeforeAnythingIsTouched) {
  server_.CreateCompany(database_, 10);
  const std::string before = server_.Fingerprint(database_);
  EXPECT_ERROR(MakeSource()->Restore(database_, false, {}), ErrorKind::kUsage, HasSubstr("exists already"));
  EXPECT_ERROR(MakeSource()->Restore(database_, true, {}), ErrorKind::kUsage, HasSubstr("not replaced"));
  EXPECT_ERROR(MakeSource()->Restore("", false, {}), ErrorKind::kUsage, HasSubstr("not the name"));
  EXPECT_EQ(server_.Fingerprint(database_), before);
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

TEST_F(PostgresqlTest, HalfADumpRestoresToNothing) {
  server_.CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const auto restore = [&](std::string_view what) {
    test::WriteAll(*MakeSource()->Restore(New(), false, {}), what);
    return 0;
  };
  EXPECT_ERROR(restore(dump.substr(0, dump.size() / 2)), ErrorKind::kCorrupt, _);
  EXPECT_ERROR(restore(dump.substr(0, dump.size() - 3)), ErrorKind::kCorrupt, _);
  EXPECT_ERROR(restore("this is no backup at all"), ErrorKind::kCorrupt, _);
  EXPECT_ERROR(restore(""), ErrorKind::kCorrupt, _);
  EXPECT_EQ(HalfMade(), "");
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
