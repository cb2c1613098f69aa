// The Firebird source against a real server over TCP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "io/child_process.h"
#include "sources/firebird.h"
#include "tests/support/expect_error.h"
#include "tests/support/firebird_company.h"
#include "tests/support/processes.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"

namespace cofre::sources {
namespace {

using std::chrono::seconds;
using test::ReadAll;
using testing::_;
using testing::HasSubstr;
using testing::Not;

class FirebirdServerTest : public testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_SERVER("COFRE_TEST_FIREBIRD");
    COFRE_REQUIRE_FIREBIRD_TOOLS();
    server_ = test::TestFirebirdServer();
    // Tests of several processes share the server's folder.
    prefix_ = server_.folder + "/" + testing::UnitTest::GetInstance()->current_test_info()->name() + "-" +
              std::to_string(getpid());
    database_ = prefix_ + ".fdb";
    settings_.server.host = server_.host;
    settings_.server.port = server_.port;
    settings_.server.user = server_.user;
    settings_.password = server_.password;
  }

  void TearDown() override {
    if (prefix_.empty()) return;
    for (const auto& entry : std::filesystem::directory_iterator(server_.folder)) {
      if (entry.path().string().starts_with(prefix_)) std::filesystem::remove(entry.path());
    }
  }

  std::unique_ptr<Source> MakeSource() const {
    FirebirdSettings settings = settings_;
    if (settings.database.empty()) settings.database = database_;
    return MakeFirebirdSource(settings, SystemClock());
  }

  void Create(const char* scale = "0.001") { test::CreateCompany(server_.Address(database_), scale, server_.password); }
  std::string Fingerprint(const std::string& path) const {
    return test::Fingerprint(server_.Address(path), server_.password);
  }
  std::string Sql(const std::string& statements) const {
    return test::Sql(server_.Address(database_), statements, server_.password);
  }
  std::string New(const char* name = "new") const { return prefix_ + name + ".fdb"; }
  pid_t RunningGbak() const { return test::ChildNamed(getpid(), "gbak"); }

  // gfix with the arguments, on the database.
  void Gfix(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "gfix");
    arguments.push_back(server_.Address(database_));
    io::Command command{std::move(arguments)};
    command.environment.emplace_back("ISC_USER", Secret("SYSDBA"));
    command.environment.emplace_back("ISC_PASSWORD", server_.password);
    ASSERT_TRUE(io::RunProgram(command, "", {seconds(60), seconds(60)}, SystemClock(), {}).ok());
  }

  test::FirebirdServer server_;
  std::string prefix_;
  std::string database_;
  FirebirdSettings settings_;
};

TEST_F(FirebirdServerTest, ADumpRestoresToTheSameContent) {
  Create("0.01");
  test::WriteAll(*MakeSource()->Restore(New(), false, {}), ReadAll(*MakeSource()->Dump({})));
  EXPECT_EQ(Fingerprint(New()), Fingerprint(database_));
  EXPECT_EQ(RunningGbak(), 0);
}

TEST_F(FirebirdServerTest, ADumpIsOneMomentWhileAWriterIsActive) {
  Create("0.01");
  Sql("UPDATE PARTIES SET BALANCE = 0; COMMIT;");
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  Bytes first(100);
  const size_t got = dump->Read(first);
  Sql("UPDATE PARTIES SET BALANCE = 1; COMMIT; DELETE FROM LINES WHERE MOD(ID, 2) = 0; COMMIT;");
  test::WriteAll(*MakeSource()->Restore(New(), false, {}), std::string(AsText(first).substr(0, got)) + ReadAll(*dump));
  EXPECT_THAT(
      test::Sql(server_.Address(New()), "SET LIST ON; SELECT SUM(BALANCE) AS S FROM PARTIES;", server_.password),
      HasSubstr("0.00"));
}

TEST_F(FirebirdServerTest, PathsMayHoldBlanksQuotesAndLettersOfAnyKind) {
  for (const char* name : {" España 2025", " it's", "\"quoted\"", "$HOME;(1)&"}) {
    database_ = prefix_ + name + ".fdb";
    Create();
    EXPECT_FALSE(ReadAll(*MakeSource()->Dump({})).empty()) << name;
    EXPECT_EQ(MakeSource()->Probe({}).size_bytes, std::filesystem::file_size(database_)) << name;
  }
}

TEST_F(FirebirdServerTest, TheLocaleOfAServiceIsNoHindrance) {
  database_ = prefix_ + " Año.fdb";
  Create();
  // As under systemd: Firebird's tools by themselves refuse an ñ there.
  setenv("LC_ALL", "C", 1);
  EXPECT_FALSE(ReadAll(*MakeSource()->Dump({})).empty());
  EXPECT_TRUE(MakeSource()->Probe({}).size_bytes);
  unsetenv("LC_ALL");
}

TEST_F(FirebirdServerTest, AnAliasIsADatabase) {
  const std::string behind = server_.folder + "/alias.fdb";
  std::filesystem::remove(behind);
  settings_.database = "contabilidad";
  database_ = "contabilidad";
  Create();
  EXPECT_EQ(MakeSource()->DumpName(), "contabilidad.fbk");
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const std::string content = Fingerprint("contabilidad");
  EXPECT_ERROR(MakeSource()->Restore("contabilidad", false, {}), ErrorKind::kUsage, HasSubstr("exists"));
  std::filesystem::remove(behind);
  test::WriteAll(*MakeSource()->Restore("contabilidad", false, {}), dump);
  EXPECT_EQ(Fingerprint("contabilidad"), content);
  EXPECT_TRUE(std::filesystem::remove(behind));
}

TEST_F(FirebirdServerTest, AWrongPasswordIsAnAuthErrorEverywhere) {
  Create();
  settings_.password = Secret("wrong");
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kAuth, HasSubstr("password"));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kAuth, HasSubstr("password"));
  EXPECT_ERROR(MakeSource()->Restore(New(), false, {}), ErrorKind::kAuth, HasSubstr("password"));
}

TEST_F(FirebirdServerTest, AMissingDatabaseIsNotFound) {
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kNotFound, HasSubstr(database_));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kNotFound, HasSubstr(database_));
  settings_.database = "noalias";
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kNotFound, HasSubstr("noalias"));
}

TEST_F(FirebirdServerTest, AnUnreachableServerIsTransient) {
  settings_.server.port = 1;  // nobody listens there
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kTransient, HasSubstr("network request"));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kTransient, HasSubstr("network request"));
  settings_.server.host = "no-such-host.invalid";
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kTransient, HasSubstr("no-such-host.invalid"));
}

TEST_F(FirebirdServerTest, FilesThatAreNoDatabaseAreCorrupt) {
  for (const std::string& content : {std::string(), std::string(20'000, 'x')}) {
    WriteFileAtomically(database_, AsBytes(content), 0666);
    EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kCorrupt, HasSubstr(database_));
    EXPECT_ERROR(MakeSource()->Restore(database_, false, {}), ErrorKind::kUsage, HasSubstr("exists"));
  }
}

TEST_F(FirebirdServerTest, ADatabaseThatIsShutDownIsPermanent) {
  Create();
  Gfix({"-shut", "full", "-force", "0"});
  EXPECT_ERROR(ReadAll(*MakeSource()->Dump({})), ErrorKind::kPermanent, HasSubstr("shutdown"));
  EXPECT_ERROR(MakeSource()->Restore(database_, false, {}), ErrorKind::kPermanent, HasSubstr("shutdown"));
  Gfix({"-online"});
}

TEST_F(FirebirdServerTest, ADatabaseThatAServerHasOpenCannotBeDumpedAsAFile) {
  Create();
  io::Command command{{"isql-fb", "-q", server_.Address(database_)}};
  command.environment.emplace_back("ISC_USER", Secret("SYSDBA"));
  command.environment.emplace_back("ISC_PASSWORD", server_.password);
  io::ChildProcess user(command, io::Input::kPipe, {seconds(60), seconds(60)}, SystemClock(), {});
  user.Write(AsBytes("SET HEADING OFF; SELECT 'connected' FROM RDB$DATABASE;\n"));
  Bytes buffer(100);
  user.Read(buffer);

  FirebirdSettings embedded;
  embedded.database = database_;
  EXPECT_ERROR(ReadAll(*MakeFirebirdSource(embedded, SystemClock())->Dump({})), ErrorKind::kPermanent, _);
  EXPECT_FALSE(ReadAll(*MakeSource()->Dump({})).empty());
}

TEST_F(FirebirdServerTest, NoArgumentOfADumpCarriesThePassword) {
  Create();
  test::Fatten(server_.Address(database_), 6, server_.password);
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  Bytes buffer(1000);
  dump->Read(buffer);
  const std::string arguments = test::CommandLine(RunningGbak());
  EXPECT_THAT(arguments, HasSubstr(database_));
  EXPECT_THAT(arguments, Not(HasSubstr(server_.password.Reveal())));
}

TEST_F(FirebirdServerTest, ALostConnectionEndsTheDump) {
  Create();
  test::Fatten(server_.Address(database_), 10, server_.password);
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  Bytes buffer(1000);
  dump->Read(buffer);
  Sql("DELETE FROM MON$ATTACHMENTS WHERE MON$ATTACHMENT_ID <> CURRENT_CONNECTION; COMMIT;");
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr(database_));
}

TEST_F(FirebirdServerTest, AnExistingDatabaseIsNeitherOverwrittenNorReplaced) {
  Create();
  const std::string before = Fingerprint(database_);
  EXPECT_ERROR(MakeSource()->Restore(database_, false, {}), ErrorKind::kUsage, HasSubstr("exists already"));
  EXPECT_ERROR(MakeSource()->Restore(database_, true, {}), ErrorKind::kUsage, HasSubstr("cannot be replaced"));
  EXPECT_EQ(Fingerprint(database_), before);
}

TEST_F(FirebirdServerTest, ADatabaseThatAppearsMeanwhileIsNotDropped) {
  Create();
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const std::string content = Fingerprint(database_);
  // Between the look at the target and gbak's start: here a gbak that takes its time.
  settings_.tools.gbak = prefix_ + "gbak";
  WriteFileAtomically(settings_.tools.gbak, AsBytes("#!/bin/sh\nread line < '" + prefix_ + "go'\nexec gbak \"$@\"\n"),
                      0755);
  ASSERT_EQ(mkfifo((prefix_ + "go").c_str(), 0600), 0);
  {
    const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(New(), false, {});
    test::CreateCompany(server_.Address(New()), "0.001", server_.password);
    std::ofstream(prefix_ + "go") << "go\n";
    EXPECT_ERROR(test::WriteAll(*restore, dump), ErrorKind::kUsage, HasSubstr("already exists"));
  }
  EXPECT_TRUE(std::filesystem::exists(New()));
}

TEST_F(FirebirdServerTest, AnInterruptedRestoreIsDropped) {
  Create();
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  {
    const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(New(), false, {});
    restore->Write(AsBytes(dump).first(dump.size() / 2));
    while (!std::filesystem::exists(New())) {
      ASSERT_TRUE(test::IsRunning(RunningGbak()));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(New()));
  EXPECT_EQ(RunningGbak(), 0);
}

TEST_F(FirebirdServerTest, HalfADumpRestoresToNothing) {
  Create();
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  EXPECT_ERROR((test::WriteAll(*MakeSource()->Restore(New(), false, {}), dump.substr(0, dump.size() / 2)), 0),
               ErrorKind::kCorrupt, HasSubstr("incomplete"));
  EXPECT_FALSE(std::filesystem::exists(New()));
}

TEST_F(FirebirdServerTest, AKilledRestoreIsDropped) {
  Create();
  const std::string dump = ReadAll(*MakeSource()->Dump({}));
  const auto restore = [&] {
    const std::unique_ptr<ByteSink> sink = MakeSource()->Restore(New(), false, {});
    sink->Write(AsBytes(dump).first(dump.size() / 2));
    while (!std::filesystem::exists(New())) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    kill(RunningGbak(), SIGKILL);
    sink->Finish();
    return 0;
  };
  EXPECT_ERROR(restore(), ErrorKind::kTransient, HasSubstr("signal 9"));
  EXPECT_FALSE(std::filesystem::exists(New()));
}

}  // namespace
}  // namespace cofre::sources
