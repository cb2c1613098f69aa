#include "sources/firebird_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "io/child_process.h"
#include "sources/firebird.h"
#include "tests/support/expect_error.h"
#include "tests/support/firebird_company.h"
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

// Physical copies, by real nbackup of real databases: of the embedded engine, and of a server on this machine.
class FirebirdCopyTest : public testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_FIREBIRD_TOOLS();
    settings_.database = folder_.File("contab.fdb");
    settings_.method = DumpMethod::kPhysical;
    settings_.marks_folder = folder_.File("marks");
  }

  std::unique_ptr<Source> Make() const { return MakeFirebirdSource(settings_, SystemClock()); }
  std::string Copy() const { return ReadAll(*Make()->Dump({})); }
  const std::string& database() const { return settings_.database; }

  // nbackup of our own making, a shell script.
  void UseFake(const std::string& script) {
    settings_.tools.nbackup = folder_.File("nbackup");
    WriteFileAtomically(settings_.tools.nbackup, AsBytes("#!/bin/sh\n" + script), 0755);
  }
  void Nbackup(const std::string& option) const {
    io::Command command{{"nbackup", option, database()}};
    command.environment.emplace_back("ISC_USER", Secret("SYSDBA"));
    ASSERT_TRUE(io::RunProgram(command, "", {seconds(60), seconds(60)}, SystemClock(), {}).ok());
  }
  std::string State() const {
    const std::string printed = test::Sql(database(), "SET HEADING OFF; SELECT MON$BACKUP_STATE FROM MON$DATABASE;");
    return std::string(1, printed.at(printed.find_first_of("0123456789")));
  }
  bool HasDifferenceFile() const { return std::filesystem::exists(database() + ".delta"); }
  pid_t Running() const { return test::ChildNamed(getpid(), "nbackup"); }
  // One that has begun and waits for its reader.
  std::unique_ptr<ByteSource> Begin(const std::stop_token& stop = {}) {
    test::CreateCompany(database());
    test::Fatten(database(), 6);
    auto dump = Make()->Dump(stop);
    Bytes buffer(1000);
    dump->Read(buffer);
    EXPECT_NE(Running(), 0);
    return dump;
  }

  test::TemporaryFolder folder_;
  FirebirdSettings settings_;
};

TEST_F(FirebirdCopyTest, ACopyRestoresToTheSameContentAndTheDatabaseIsUnlocked) {
  test::CreateCompany(database(), "0.01");
  const std::string copy = folder_.File("copy.fdb");
  EXPECT_EQ(Make()->DumpName(), "contab.nbk");
  const std::string dump = Copy();
  EXPECT_EQ(State(), "0");
  EXPECT_FALSE(HasDifferenceFile());
  test::WriteAll(*Make()->Restore(copy, false, {}), dump);
  EXPECT_EQ(test::Fingerprint(copy), test::Fingerprint(database()));
  EXPECT_EQ(Make()->CountTables(copy, {}), 4U);
  test::LiveADay(copy);
}

TEST_F(FirebirdCopyTest, NbackupItselfTakesTheDumpAsItIs) {
  test::CreateCompany(database());
  WriteFileAtomically(folder_.File("plain.nbk"), AsBytes(Copy()), 0600);
  const io::Command command{{"nbackup", "-R", folder_.File("by-hand.fdb"), folder_.File("plain.nbk")}};
  EXPECT_TRUE(io::RunProgram(command, "", {seconds(60), seconds(60)}, SystemClock(), {}).ok());
  EXPECT_EQ(test::Fingerprint(folder_.File("by-hand.fdb")), test::Fingerprint(database()));
}

TEST_F(FirebirdCopyTest, ACopyThatIsGivenUpLeavesNeitherProcessNorLock) {
  auto dump = Begin();
  const pid_t nbackup = Running();
  EXPECT_EQ(State(), "1");
  dump.reset();
  EXPECT_FALSE(test::IsRunning(nbackup));
  EXPECT_EQ(State(), "0");
  EXPECT_FALSE(HasDifferenceFile());
}

TEST_F(FirebirdCopyTest, AStopEndsACopyAndItsLock) {
  std::stop_source stop;
  const auto dump = Begin(stop.get_token());
  stop.request_stop();
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kCancelled, _);
  EXPECT_EQ(State(), "0");
}

TEST_F(FirebirdCopyTest, ACopyWhoseProcessIsKilledIsNoneAndIsUnlocked) {
  const auto dump = Begin();
  kill(Running(), SIGKILL);
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr("signal 9"));
  EXPECT_EQ(State(), "0");
}

TEST_F(FirebirdCopyTest, WhatIsWrittenMeanwhileIsInTheDatabaseAndNotInTheCopy) {
  const auto dump = Begin();
  const std::string before = test::Fingerprint(database());
  test::LiveADay(database());
  const std::string after = test::Fingerprint(database());
  // What was read before is not needed to see that the rest fails no rule.
  EXPECT_NO_THROW(ReadAll(*dump));
  EXPECT_EQ(State(), "0");
  EXPECT_EQ(test::Fingerprint(database()), after);
  EXPECT_NE(before, after);
}

// Run by the next test as a process of its own.
TEST_F(FirebirdCopyTest, DISABLED_BeginsACopyAndWaits) {
  settings_.database = std::getenv("COFRE_TEST_COPY");
  settings_.marks_folder = std::getenv("COFRE_TEST_MARKS");
  const auto dump = Make()->Dump({});
  Bytes buffer(1000);
  dump->Read(buffer);
  WriteFileAtomically(settings_.database + ".begun", {}, 0600);
  SystemClock().SleepFor(seconds(60), {});
}

TEST_F(FirebirdCopyTest, ALockThatAKilledProcessLeftIsEndedByTheNextDumpOfEitherMethod) {
  test::CreateCompany(database());
  test::Fatten(database(), 6);
  for (const DumpMethod method : {DumpMethod::kPhysical, DumpMethod::kLogical}) {
    io::Command command{{"/proc/self/exe", "--gtest_also_run_disabled_tests",
                         "--gtest_filter=FirebirdCopyTest.DISABLED_BeginsACopyAndWaits"}};
    command.environment.emplace_back("COFRE_TEST_COPY", Secret(std::string(database())));
    command.environment.emplace_back("COFRE_TEST_MARKS", Secret(std::string(settings_.marks_folder)));
    io::ChildProcess other(command, io::Input::kNone, {seconds(60), seconds(60)}, SystemClock(), {});
    while (!std::filesystem::exists(database() + ".begun")) SystemClock().SleepFor(std::chrono::milliseconds(5), {});
    std::filesystem::remove(database() + ".begun");
    const pid_t nbackup = test::ChildNamed(other.pid(), "nbackup");
    EXPECT_ERROR(Make()->Dump({}), ErrorKind::kTransient, HasSubstr("being copied already"));
    kill(other.pid(), SIGKILL);
    EXPECT_EQ(other.Wait().signal, SIGKILL);
    EXPECT_TRUE(test::WaitUntilGone(nbackup));
    EXPECT_EQ(State(), "1");
    settings_.method = method;
    EXPECT_FALSE(Copy().empty());
    EXPECT_EQ(State(), "0");
    EXPECT_FALSE(HasDifferenceFile());
    settings_.method = DumpMethod::kPhysical;
  }
}

TEST_F(FirebirdCopyTest, ALockOfSomebodyElseIsSaidAndLeftAlone) {
  test::CreateCompany(database());
  Nbackup("-L");
  EXPECT_ERROR(Make()->Dump({}), ErrorKind::kPermanent, HasSubstr("not by cofre"));
  EXPECT_EQ(State(), "1");
  settings_.method = DumpMethod::kLogical;
  EXPECT_FALSE(Copy().empty());
  EXPECT_EQ(State(), "1");
  Nbackup("-N");
  settings_.method = DumpMethod::kPhysical;
  EXPECT_FALSE(Copy().empty());
}

TEST_F(FirebirdCopyTest, AnNbackupThatFailsOrSaysSomethingMadeNoCopy) {
  test::CreateCompany(database());
  WriteFileAtomically(folder_.File("whole"), AsBytes(Copy()), 0600);
  const std::string give = "cat '" + folder_.File("whole") + "'\n";
  UseFake(give);
  EXPECT_NO_THROW(Copy());
  UseFake(give + "exit 3\n");
  EXPECT_ERROR(Copy(), ErrorKind::kPermanent, HasSubstr("exit status 3"));
  UseFake(give + "echo 'PROBLEM ON \"end backup\".' >&2\n");
  EXPECT_ERROR(Copy(), ErrorKind::kPermanent, HasSubstr("end backup"));
  UseFake("head -c 500000 '" + folder_.File("whole") + "'\n");
  EXPECT_ERROR(Copy(), ErrorKind::kCorrupt, HasSubstr("not whole"));
  UseFake("echo no database\n");
  EXPECT_ERROR(Copy(), ErrorKind::kCorrupt, HasSubstr("not whole"));
}

TEST_F(FirebirdCopyTest, AMissingDatabaseIsNotFound) {
  EXPECT_ERROR(Copy(), ErrorKind::kNotFound, HasSubstr("contab.fdb"));
}

TEST_F(FirebirdCopyTest, WhatIsNoWholeCopyBecomesNoDatabase) {
  test::CreateCompany(database());
  const std::string dump = Copy();
  const std::string target = folder_.File("new.fdb");
  const auto restore = [&](std::string_view what) {
    test::WriteAll(*Make()->Restore(target, false, {}), what);
    return 0;
  };
  EXPECT_ERROR(restore(dump.substr(0, dump.size() / 2)), ErrorKind::kCorrupt, HasSubstr("not whole"));
  EXPECT_ERROR(restore("this is no copy"), ErrorKind::kCorrupt, HasSubstr("not whole"));
  EXPECT_ERROR(restore(""), ErrorKind::kCorrupt, HasSubstr("not whole"));
  std::string damaged = dump;
  damaged.replace(damaged.size() / 2, 65'536, 65'536, 'x');
  EXPECT_ERROR(restore(damaged), ErrorKind::kCorrupt, _);
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST_F(FirebirdCopyTest, ReplaceKeepsTheOldUntilTheNewIsGood) {
  test::CreateCompany(database());
  const std::string dump = Copy();
  const std::string first = test::Fingerprint(database());
  test::LiveADay(database());
  const std::string second = test::Fingerprint(database());
  EXPECT_ERROR((test::WriteAll(*Make()->Restore(database(), true, {}), dump.substr(0, dump.size() / 2)), 0),
               ErrorKind::kCorrupt, _);
  EXPECT_EQ(test::Fingerprint(database()), second);
  test::WriteAll(*Make()->Restore(database(), true, {}), dump);
  EXPECT_EQ(test::Fingerprint(database()), first);
}

TEST_F(FirebirdCopyTest, ADatabaseOfAnotherMachineIsRefused) {
  settings_.server = {.name = "srv1", .host = "10.0.0.5"};
  EXPECT_ERROR(Make()->Dump({}), ErrorKind::kUsage, HasSubstr("lie on 10.0.0.5"));
  EXPECT_ERROR(Make()->Restore("/data/new.fdb", false, {}), ErrorKind::kUsage, HasSubstr("file of this machine"));
}

TEST_F(FirebirdCopyTest, ADatabaseThatAServerOfThisMachineHasOpenIsCopiedWhileItIsUsed) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_FIREBIRD");
  const test::FirebirdServer server = test::TestFirebirdServer();
  settings_.database = server.folder + "/copy-" + std::to_string(getpid()) + ".fdb";
  settings_.server = {.name = "srv1", .host = "localhost", .port = server.port, .user = server.user};
  settings_.password = server.password;
  test::CreateCompany(server.Address(database()), "0.01", server.password);
  const auto dump = Make()->Dump({});
  test::LiveADay(server.Address(database()), server.password);
  const std::string text = ReadAll(*dump);
  EXPECT_FALSE(HasDifferenceFile());
  // Made by the embedded engine: a file of ours.
  settings_.server = {};
  test::WriteAll(*Make()->Restore(folder_.File("new.fdb"), false, {}), text);
  EXPECT_EQ(Make()->CountTables(folder_.File("new.fdb"), {}), 4U);
  std::filesystem::remove(database());
}

}  // namespace
}  // namespace cofre::sources
