// What is MariaDB's own of its source, against a real server over TCP; tests/contract has what is every engine's.

#include "sources/mariadb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "sources/mariadb_look.h"
#include "sources/mariadb_restore.h"
#include "tests/support/eventually.h"
#include "tests/support/expect_error.h"
#include "tests/support/manual_clock.h"
#include "tests/support/mariadb_database.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {
namespace {

using test::ReadAll;
using testing::HasSubstr;
using testing::Not;

class MariadbTest : public testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_SERVER("COFRE_TEST_MARIADB");
    server_ = test::TestMariadbServer();
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
    server_.Sql("", "DROP USER IF EXISTS " + User());
  }

  std::unique_ptr<Source> MakeSource(Clock& clock = SystemClock()) const {
    MariadbSettings settings = settings_;
    settings.database = database_;
    return MakeMariadbSource(settings, clock);
  }

  // Until the program that fills it has signed in: what it was given may all lie in its pipe still.
  void AwaitUse(const std::string& database) const {
    const std::string users = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '" + database + "'";
    EXPECT_TRUE(test::Eventually([&] { return !server_.Sql("", users).starts_with("0"); }));
  }

  std::string Dump() const { return ReadAll(*MakeSource()->Dump({})); }
  int Restore(std::string_view dump) const {
    test::WriteAll(*MakeSource()->Restore(New(), false, {}), dump);
    return 0;
  }

  // Somebody with these rights, who then signs in.
  void SignInWith(const std::string& rights) {
    server_.Sql("", "CREATE OR REPLACE USER " + User() + " IDENTIFIED BY 'secret-x'; " + rights);
    settings_.server.user = database_;
    settings_.password = Secret("secret-x");
  }

  std::string User() const { return "`" + database_ + "`@'127.0.0.1'"; }
  std::string New() const { return database_ + " new"; }
  bool NewExists() const {
    return !server_.Sql("", "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '" + New() + "'").empty();
  }

  test::MariadbServer server_;
  test::TemporaryFolder folder_;
  std::string database_;
  MariadbSettings settings_;
};

TEST_F(MariadbTest, AnUnchangedDatabaseGivesTheSameBytes) {
  server_.CreateCompany(database_);
  const std::string first = Dump();
  EXPECT_EQ(Dump(), first);
  EXPECT_THAT(first, Not(HasSubstr("USE `")));
}

TEST_F(MariadbTest, ARestoreLeavesTheOldDatabaseAsItIs) {
  server_.CreateCompany(database_);
  const std::string dump = Dump();
  // Whatever the dump says of a database is of the new one: here of an old one that looks another way now.
  server_.Sql(database_, "ALTER DATABASE CHARACTER SET ascii");
  Restore(dump);
  EXPECT_EQ(
      server_.Sql("", "SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('" +
                          database_ + "', '" + New() + "') ORDER BY SCHEMA_NAME"),
      "ascii\nutf8mb4\n");
  // Nor must it be there.
  server_.Drop(database_);
  server_.Drop(New());
  EXPECT_EQ(Restore(dump), 0);
}

TEST_F(MariadbTest, NamesMayHoldBlanksAndLettersOfAnyKind) {
  const std::string plain = database_;
  // Where there are routines, mariadb-dump itself does not find a database with a quote or backslash in its name.
  for (const char* name : {" España 2025", "$HOME;(1)&", "`x``", "%_"}) {
    database_ = plain + name;
    server_.CreateCompany(database_, 10);
    Restore(Dump());
    EXPECT_EQ(server_.Fingerprint(New()), server_.Fingerprint(database_)) << name;
    EXPECT_ERROR(MakeSource()->Restore(database_, false, {}), ErrorKind::kUsage, HasSubstr("exists"));
    server_.Drop(database_);
    server_.Drop(New());
  }
  database_ = "--help " + plain;
  server_.CreateCompany(database_, 10);
  EXPECT_THAT(Dump(), HasSubstr("-- Dump completed"));
  server_.Drop(database_);
  for (const std::string& name :
       {std::string(), std::string(65, 'x'), std::string("a\nb"), std::string("\xff"), std::string("a ")}) {
    database_ = name;
    EXPECT_ERROR(MakeSource(), ErrorKind::kUsage, HasSubstr("not the name"));
  }
  database_ = plain;
}

TEST_F(MariadbTest, ADotInANameBeginsNoExtension) {
  const std::string plain = database_;
  database_ = "ventas.2025 año";
  EXPECT_EQ(MakeSource()->DumpName(), "ventas.2025_a_o.sql");
  database_ = plain;
}

TEST_F(MariadbTest, AUserWhoDoesNotSeeEverythingGivesNoDump) {
  server_.CreateCompany(database_, 10);
  SignInWith("GRANT SELECT, SHOW VIEW ON `" + database_ + "`.* TO " + User());
  EXPECT_ERROR(Dump(), ErrorKind::kAuth, HasSubstr("no TRIGGER, EVENT, SELECT ON mysql.proc"));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kAuth, HasSubstr("no TRIGGER"));
  EXPECT_ERROR(MakeSource()->Restore(New(), false, {}), ErrorKind::kAuth, HasSubstr("Access denied"));
}

TEST_F(MariadbTest, AUserWhoMayOnlyReadGivesAWholeDump) {
  server_.CreateCompany(database_, 10);
  const std::string dump = Dump();
  SignInWith("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO " + User());
  EXPECT_EQ(Dump(), dump);
}

TEST_F(MariadbTest, ToolsOlderThanTheServerAreRefusedWithTheMend) {
  server_.CreateCompany(database_, 10);
  settings_.tools.mariadb_dump = folder_.File("fake");
  const auto use_version = [&](const std::string& said) {
    WriteFileAtomically(settings_.tools.mariadb_dump, AsBytes("#!/bin/sh\necho '" + said + "'\n"), 0755);
  };
  use_version("mysqldump  Ver 10.16 Distrib 10.1.48-MariaDB, for debian-linux-gnu (x86_64)");
  EXPECT_ERROR(Dump(), ErrorKind::kUsage, HasSubstr("version 10.1, the server is of version 10."));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kUsage, HasSubstr("version 10.1"));
  use_version("no tool of ours");
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kPermanent, HasSubstr("does not say"));
}

TEST(MariadbVersionTest, IsFoundInWhatServersAndToolsSay) {
  EXPECT_EQ(ParseMariadbVersion("10.11.19-MariaDB-0+deb12u1"), (MariadbVersion{10, 11}));
  EXPECT_EQ(ParseMariadbVersion("MariaDB"), std::nullopt);
  EXPECT_EQ(ParseMariadbVersion("10"), std::nullopt);
  EXPECT_EQ(ParseToolVersion("mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB, for x"), (MariadbVersion{10, 11}));
  EXPECT_EQ(ParseToolVersion("mariadb-dump from 11.4.2-MariaDB, client 10.19 for Linux"), (MariadbVersion{11, 4}));
}

TEST_F(MariadbTest, HalfADumpWithExitStatus0IsNoDump) {
  server_.CreateCompany(database_);
  settings_.tools.mariadb_dump = folder_.File("fake");
  WriteFileAtomically(settings_.tools.mariadb_dump,
                      AsBytes("#!/bin/sh\n[ $1 != --version ] || exec mariadb-dump --version\n"
                              "mariadb-dump \"$@\" | { head -c 20000; cat >/dev/null; }\n"),
                      0755);
  EXPECT_ERROR(Dump(), ErrorKind::kCorrupt, HasSubstr("does not end"));
}

TEST_F(MariadbTest, AnOptionsFileIsTheOnlyOneThatCounts) {
  server_.CreateCompany(database_, 10);
  const std::string dump = Dump();
  settings_.tools.options_file = folder_.File("options");
  // An error would be gone over, and the dump be without its last line: what is said to the tools counts more.
  WriteFileAtomically(settings_.tools.options_file,
                      AsBytes("[client]\ncompress\n[mysqldump]\nskip-comments\nforce\n[mysql]\nforce\n"), 0600);
  EXPECT_EQ(Dump(), dump);
  EXPECT_ERROR(Restore("SELECT nothing;" + dump), ErrorKind::kPermanent, HasSubstr("Unknown column"));
  EXPECT_FALSE(NewExists());
}

TEST_F(MariadbTest, ADumpRunsNoProgram) {
  server_.Create(database_);
  const std::string end = "\n-- Dump completed\n";
  const std::string file = folder_.File("made");
  for (const std::string& command : {"\\! touch " + file, "system touch " + file, "tee " + file, "\\T " + file}) {
    try {
      Restore(command + "\n" + end);
    } catch (const Error&) {  // refused, or taken for SQL: as it likes
    }
    EXPECT_FALSE(std::filesystem::exists(file)) << command;
    server_.Drop(New());
  }
}

TEST_F(MariadbTest, ADatabaseThatAppearsMeanwhileIsNotTouched) {
  server_.CreateCompany(database_, 10);
  const std::string dump = Dump();
  settings_.tools.mariadb = folder_.File("fake");
  // Between the look at the target and its making somebody else makes it.
  WriteFileAtomically(
      settings_.tools.mariadb,
      AsBytes("#!/bin/sh\nread -r line\ncase $line in CREATE*) printf '%s\\n' \"$line\" | mariadb \"$@\" ||"
              " exit;; esac\n{ printf '%s\\n' \"$line\"; cat; } | mariadb \"$@\"\n"),
      0755);
  EXPECT_ERROR(MakeSource()->Restore(New(), false, {}), ErrorKind::kUsage, HasSubstr("database exists"));
  EXPECT_TRUE(NewExists());
}

TEST_F(MariadbTest, WhatAKilledRestoreLeftIsDroppedByTheNextOne) {
  server_.CreateCompany(database_, 10);
  const std::string dump = Dump();
  server_.Sql("", "CREATE DATABASE `" + New() + "`; CREATE TABLE `" + New() + "`.`" + kUnfinishedTable +
                      "` (x int) COMMENT '2026-01-01T00:00:00Z'; CREATE TABLE `" + New() + "`.half (x int)");
  test::ManualClock clock(*ParseTime("2026-01-01T00:09:59Z"));
  EXPECT_ERROR(MakeSource(clock)->Restore(New(), false, {}), ErrorKind::kUsage, HasSubstr("2026-01-01T00:00:00Z"));
  Restore(dump);
  EXPECT_EQ(server_.Fingerprint(New()), server_.Fingerprint(database_));
}

TEST_F(MariadbTest, ARestoreThatIsUnderWayIsLeftAlone) {
  server_.CreateCompany(database_);
  const std::string dump = Dump();
  const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(New(), false, {});
  restore->Write(AsBytes(dump).first(dump.size() / 2));
  AwaitUse(New());
  test::ManualClock later(SystemClock().Now() + std::chrono::hours(5));
  EXPECT_ERROR(MakeSource(later)->Restore(New(), false, {}), ErrorKind::kUsage, HasSubstr("is being restored"));
  restore->Write(AsBytes(dump).subspan(dump.size() / 2));
  restore->Finish();
  EXPECT_EQ(server_.Fingerprint(New()), server_.Fingerprint(database_));
}

TEST_F(MariadbTest, OnlyScratchDatabasesAreDropped) {
  server_.Create(database_);
  EXPECT_ERROR((MakeSource()->DropScratch(database_, {}), 0), ErrorKind::kUsage, HasSubstr("not removed"));
  const std::string scratch = std::string(kScratchPrefix) + std::to_string(getpid());
  MakeSource()->DropScratch(scratch, {});
  server_.Create(scratch);
  MakeSource()->DropScratch(scratch, {});
  EXPECT_ERROR(MakeSource()->CountTables(scratch, {}), ErrorKind::kNotFound, HasSubstr(scratch));
  EXPECT_EQ(MakeSource()->CountTables(database_, {}), 0U);
}

TEST_F(MariadbTest, AScratchDatabaseThatIsBeingFilledIsLeftAlone) {
  server_.CreateCompany(database_);
  const std::string dump = Dump();
  const std::string scratch = std::string(kScratchPrefix) + std::to_string(getpid());
  const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(scratch, false, {});
  restore->Write(AsBytes(dump).first(dump.size() / 2));
  AwaitUse(scratch);
  EXPECT_ERROR((MakeSource()->DropScratch(scratch, {}), 0), ErrorKind::kTransient, HasSubstr("another drill"));
}

TEST_F(MariadbTest, LongRowsComeAndGo) {
  server_.Create(database_);
  // A server takes no longer one than its max_allowed_packet, of 16 MiB; each byte may become two.
  server_.Sql(database_,
              "CREATE TABLE files (id int PRIMARY KEY, content longblob); "
              "INSERT INTO files SELECT seq, REPEAT(CHAR(seq + 38, 39), 3000000) FROM seq_1_to_2;");
  Restore(Dump());
  const std::string sum = "SELECT id, MD5(content) FROM files ORDER BY id";
  EXPECT_EQ(server_.Sql(New(), sum), server_.Sql(database_, sum));
}

}  // namespace
}  // namespace cofre::sources
