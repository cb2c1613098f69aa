#include "sources/firebird.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/file.h"
#include "io/child_process.h"
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

// The embedded engine: real gbak, real databases, no server.
class FirebirdTest : public testing::Test {
 protected:
  void SetUp() override { COFRE_REQUIRE_FIREBIRD_TOOLS(); }

  std::unique_ptr<Source> MakeSource(Limits limits = {}) const {
    FirebirdSettings settings;
    settings.database = database_;
    settings.tools = tools_;
    settings.limits = limits;
    return MakeFirebirdSource(settings, SystemClock());
  }

  // A gbak of our own making, a shell script.
  void UseFakeGbak(const std::string& script) {
    tools_.gbak = folder_.File("gbak");
    WriteFileAtomically(tools_.gbak, AsBytes("#!/bin/sh\n" + script), 0755);
  }

  pid_t RunningGbak() const { return test::ChildNamed(getpid(), "gbak"); }

  int64_t FilesInFolder() const { return std::distance(std::filesystem::directory_iterator(folder_.path()), {}); }

  test::TemporaryFolder folder_;
  std::string database_ = folder_.File("contab.fdb");
  FirebirdTools tools_;
};

TEST_F(FirebirdTest, ADumpRestoresToTheSameContent) {
  test::CreateCompany(database_, "0.01");
  const std::string copy = folder_.File("copy.fdb");
  test::WriteAll(*MakeSource()->Restore(copy, false, {}), ReadAll(*MakeSource()->Dump({})));
  EXPECT_EQ(test::Fingerprint(copy), test::Fingerprint(database_));
  test::LiveADay(database_);
  EXPECT_NE(test::Fingerprint(copy), test::Fingerprint(database_));
  EXPECT_EQ(RunningGbak(), 0);
}

TEST_F(FirebirdTest, PathsMayHoldAnythingButAColon) {
  test::CreateCompany(database_);
  const std::string original = database_;
  const std::string content = test::Fingerprint(original);
  for (const char* name : {"Contab España 2025.fdb", "it's.fdb", "a\"b.fdb", "$HOME;(1)&.fdb", " lead.fdb"}) {
    database_ = folder_.File(name);
    std::filesystem::copy_file(original, database_);
    const std::string copy = database_ + " copy";
    test::WriteAll(*MakeSource()->Restore(copy, false, {}), ReadAll(*MakeSource()->Dump({})));
    EXPECT_EQ(test::Fingerprint(copy), content) << name;
  }
}

TEST_F(FirebirdTest, ProbeGivesVersionAndSize) {
  test::CreateCompany(database_);
  const ProbeResult result = MakeSource()->Probe({});
  EXPECT_THAT(result.engine_version, testing::MatchesRegex("[0-9]+[.][0-9]+[.][0-9]+"));
  EXPECT_EQ(result.size_bytes, std::filesystem::file_size(database_));
  EXPECT_EQ(MakeSource()->DumpName(), "contab.fbk");
}

TEST_F(FirebirdTest, BadDatabasesAreNamed) {
  const auto dump = [&] { return ReadAll(*MakeSource()->Dump({})); };
  EXPECT_ERROR(dump(), ErrorKind::kNotFound, HasSubstr(database_));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kNotFound, HasSubstr(database_));
  WriteFileAtomically(database_, AsBytes(""), 0600);
  EXPECT_ERROR(dump(), ErrorKind::kCorrupt, HasSubstr("less than expected"));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kCorrupt, HasSubstr("less than expected"));
  WriteFileAtomically(database_, AsBytes(std::string(20'000, 'x')), 0600);
  EXPECT_ERROR(dump(), ErrorKind::kCorrupt, HasSubstr("not a valid database"));
}

TEST_F(FirebirdTest, ADamagedDatabaseIsNoDump) {
  test::CreateCompany(database_);
  test::Fatten(database_, 2);
  std::string file = ReadFile(database_, 1 << 30);
  for (size_t page = 250; page * 8192 < file.size(); page += 10) file.replace(page * 8192, 8192, 8192, 'x');
  WriteFileAtomically(database_, AsBytes(file), 0600);
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kCorrupt, HasSubstr("corrupt"));
}

TEST_F(FirebirdTest, AMissingGbakIsNamed) {
  tools_.gbak = folder_.File("no-gbak");
  EXPECT_ERROR(MakeSource()->Dump({}), ErrorKind::kPermanent, HasSubstr("no-gbak"));
  EXPECT_ERROR(MakeSource()->Restore(folder_.File("x.fdb"), false, {}), ErrorKind::kPermanent, HasSubstr("no-gbak"));
}

TEST_F(FirebirdTest, ADumpWhoseProcessIsKilledIsNoDump) {
  test::CreateCompany(database_);
  test::Fatten(database_, 6);  // more than gbak and the pipe can hold
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  Bytes buffer(1000);
  dump->Read(buffer);
  ASSERT_NE(RunningGbak(), 0);
  kill(RunningGbak(), SIGKILL);
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr("signal 9"));
}

TEST_F(FirebirdTest, ADumpThatIsGivenUpLeavesNoProcess) {
  test::CreateCompany(database_);
  test::Fatten(database_, 6);
  pid_t gbak = 0;
  {
    const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
    Bytes buffer(1000);
    dump->Read(buffer);
    gbak = RunningGbak();
    ASSERT_NE(gbak, 0);
  }
  EXPECT_FALSE(test::IsRunning(gbak));
  EXPECT_FALSE(ReadAll(*MakeSource()->Dump({})).empty());
}

TEST_F(FirebirdTest, AStopEndsADump) {
  test::CreateCompany(database_);
  std::stop_source stop;
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump(stop.get_token());
  stop.request_stop();
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kCancelled, _);
  EXPECT_EQ(RunningGbak(), 0);
}

TEST_F(FirebirdTest, HalfADumpWithExitStatus0IsNoDump) {
  test::CreateCompany(database_);
  UseFakeGbak("gbak \"$@\" | { head -c 20000; cat >/dev/null; }; exit 0\n");
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kCorrupt, HasSubstr("20000 came"));
  UseFakeGbak("gbak \"$@\" 2>/dev/null | { head -c 20000; cat >/dev/null; }; exit 0\n");
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kCorrupt, HasSubstr("not say that it had finished"));
}

TEST_F(FirebirdTest, AnErrorWithExitStatus0IsNoDump) {
  test::CreateCompany(database_);
  UseFakeGbak("gbak \"$@\"; echo 'gbak: ERROR:connection lost to database' >&2; exit 0\n");
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kTransient, HasSubstr("connection lost"));
}

TEST_F(FirebirdTest, AStalledDumpIsEndedAndLeavesNoProcess) {
  UseFakeGbak("printf '\\000\\002half'; exec sleep 1000\n");
  const std::unique_ptr<ByteSource> dump = MakeSource({.stall = seconds(1)})->Dump({});
  Bytes buffer(100);
  dump->Read(buffer);
  const pid_t sleeper = test::ChildNamed(getpid(), "sleep");
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr("stalled"));
  EXPECT_FALSE(test::IsRunning(sleeper));
}

TEST_F(FirebirdTest, AnEndlessDumpIsEnded) {
  // Slow enough that all of its time is its own and not the reader's.
  UseFakeGbak("while :; do echo y; sleep 0.01; done\n");
  EXPECT_ERROR(ReadAll(*MakeSource({.endless = seconds(1)})->Dump({})), ErrorKind::kPermanent,
               HasSubstr("longer than"));
  EXPECT_EQ(RunningGbak(), 0);
}

TEST_F(FirebirdTest, ARestoreOntoSomethingIsRefusedBeforeAnythingIsTouched) {
  test::CreateCompany(database_);
  const std::string before = ReadFile(database_, 1 << 30);
  EXPECT_ERROR(MakeSource()->Restore(database_, false, {}), ErrorKind::kUsage, HasSubstr("exists"));
  EXPECT_ERROR(MakeSource()->Restore(folder_.path(), true, {}), ErrorKind::kUsage, HasSubstr("folder"));
  EXPECT_ERROR(MakeSource()->Restore(folder_.File("no/such.fdb"), false, {}), ErrorKind::kNotFound, _);
  EXPECT_EQ(ReadFile(database_, 1 << 30), before);
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(FirebirdTest, AnInterruptedRestoreLeavesNothing) {
  test::CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  pid_t gbak = 0;
  {
    const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(folder_.File("new.fdb"), false, {});
    restore->Write(AsBytes(dump).first(dump.size() / 2));
    gbak = RunningGbak();
    ASSERT_NE(gbak, 0);
  }
  EXPECT_FALSE(test::IsRunning(gbak));
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(FirebirdTest, HalfADumpRestoresToNothing) {
  test::CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const auto restore = [&](std::string_view what) {
    test::WriteAll(*MakeSource()->Restore(folder_.File("new.fdb"), false, {}), what);
    return 0;
  };
  EXPECT_ERROR(restore(dump.substr(0, dump.size() / 2)), ErrorKind::kCorrupt, HasSubstr("incomplete"));
  EXPECT_ERROR(restore(dump.substr(0, dump.size() - 512)), ErrorKind::kCorrupt, HasSubstr("incomplete"));
  EXPECT_ERROR(restore("this is no backup"), ErrorKind::kCorrupt, HasSubstr("expected backup"));
  EXPECT_ERROR(restore(""), ErrorKind::kCorrupt, HasSubstr("expected backup"));
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(FirebirdTest, ReplaceKeepsTheOldUntilTheNewIsGood) {
  test::CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const std::string first = test::Fingerprint(database_);
  test::LiveADay(database_);
  const std::string second = test::Fingerprint(database_);
  chmod(database_.c_str(), 0640);

  const auto restore = [&](std::string_view what) {
    test::WriteAll(*MakeSource()->Restore(database_, true, {}), what);
    return 0;
  };
  EXPECT_ERROR(restore(dump.substr(0, dump.size() / 2)), ErrorKind::kCorrupt, _);
  { MakeSource()->Restore(database_, true, {})->Write(AsBytes(dump)); }
  EXPECT_EQ(test::Fingerprint(database_), second);
  EXPECT_EQ(FilesInFolder(), 1);

  restore(dump);
  EXPECT_EQ(test::Fingerprint(database_), first);
  EXPECT_EQ(FilesInFolder(), 1);
  struct stat status {};
  stat(database_.c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
}

TEST_F(FirebirdTest, ADatabaseThatGfixFindsFaultWithReplacesNothing) {
  test::CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const std::string before = test::Fingerprint(database_);
  tools_.gfix = folder_.File("gfix");
  WriteFileAtomically(tools_.gfix, AsBytes("#!/bin/sh\necho 'Summary of validation errors'\n"), 0755);
  EXPECT_ERROR((test::WriteAll(*MakeSource()->Restore(database_, true, {}), dump), 0), ErrorKind::kCorrupt,
               HasSubstr("Summary of validation errors"));
  EXPECT_EQ(test::Fingerprint(database_), before);
}

TEST_F(FirebirdTest, ADatabaseInUseIsNeitherDumpedNorReplaced) {
  test::CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  io::Command command{{"isql-fb", "-q", database_}};
  command.environment.emplace_back("ISC_USER", Secret("SYSDBA"));
  io::ChildProcess user(command, io::Input::kPipe, {seconds(60), seconds(60)}, SystemClock(), {});
  user.Write(AsBytes("SET HEADING OFF; SELECT 'connected' FROM RDB$DATABASE;\n"));
  Bytes buffer(100);
  user.Read(buffer);

  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kPermanent, HasSubstr("already opened"));
  EXPECT_ERROR(MakeSource()->Restore(database_, true, {}), ErrorKind::kPermanent, HasSubstr("in use"));
}

TEST_F(FirebirdTest, ADestroyedDatabaseCanBeReplaced) {
  test::CreateCompany(database_);
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const std::string before = test::Fingerprint(database_);
  for (const std::string& content : {std::string(), std::string(20'000, 'x')}) {
    WriteFileAtomically(database_, AsBytes(content), 0660);
    test::WriteAll(*MakeSource()->Restore(database_, true, {}), dump);
    EXPECT_EQ(test::Fingerprint(database_), before);
  }
}

}  // namespace
}  // namespace cofre::sources
