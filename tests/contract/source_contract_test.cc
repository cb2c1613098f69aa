#include "tests/contract/source_contract.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "base/bytes.h"
#include "base/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/processes.h"
#include "tests/support/servers.h"
#include "tests/support/streams.h"

namespace cofre::sources {
namespace {

// A dump is in the midst of what makes it last then, and its moment has been.
std::string ReadSome(ByteSource& dump) {
  std::string text;
  Bytes buffer(size_t{64} * 1024);
  while (text.size() < size_t{1} << 20) {
    const size_t got = dump.Read(buffer);
    if (got == 0) break;
    text += AsText(ByteView(buffer).first(got));
  }
  return text;
}

}  // namespace

using std::chrono::seconds;
using test::ReadAll;
using testing::_;
using testing::HasSubstr;
using testing::Not;

void SourceContract::SetUp() {
  COFRE_REQUIRE_SERVER(GetParam().server.c_str());
  world_ = GetParam().make();
}

std::string SourceContract::Dump() const { return ReadAll(*MakeSource()->Dump({})); }

int SourceContract::Restore(std::string_view dump) const {
  test::WriteAll(*MakeSource()->Restore(world_->New(), false, {}), dump);
  return 0;
}

std::unique_ptr<ByteSource> SourceContract::BeginDump() {
  auto dump = MakeSource()->Dump({});
  ReadSome(*dump);
  dumping_ = test::ChildNamed(getpid(), world_->DumpProgram());
  EXPECT_NE(dumping_, 0);
  return dump;
}

void SourceContract::UseFake(const std::string& script) {
  changes_.dump_program = folder_.File("fake");
  const std::string begin = "#!/bin/sh\n[ \"$1\" != --version ] || { echo 'tool from 99.0'; exit 0; }\n";
  WriteFileAtomically(changes_.dump_program, AsBytes(begin + script), 0755);
}

TEST_P(SourceContract, ADumpRestoresToTheSameContent) {
  world_->CreateCompany();
  Restore(Dump());
  EXPECT_EQ(world_->Fingerprint(world_->New()), world_->Fingerprint(world_->Database()));
  EXPECT_EQ(MakeSource()->CountTables(world_->New(), {}), MakeSource()->CountTables(world_->Database(), {}));
}

TEST_P(SourceContract, ADumpIsOneMomentWhileAWriterIsActive) {
  world_->CreateCompany();
  world_->Fatten(8);
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  std::string text = ReadSome(*dump);
  world_->Change();
  text += ReadAll(*dump);
  Restore(text);
  EXPECT_EQ(world_->Moment(world_->New()), 0);
  EXPECT_EQ(world_->Moment(world_->Database()), 1);
}

TEST_P(SourceContract, AProbeKnowsTheVersionAndThatADatabaseGrows) {
  world_->CreateCompany();
  const ProbeResult small = MakeSource()->Probe({});
  EXPECT_THAT(small.engine_version, testing::MatchesRegex("[0-9]+\\.[0-9.]+"));
  world_->Fatten(4);
  EXPECT_GT(MakeSource()->Probe({}).size_bytes, small.size_bytes);
}

TEST_P(SourceContract, AWrongPasswordIsAnAuthErrorEverywhere) {
  world_->CreateCompany();
  changes_.password = Secret("wrong");
  EXPECT_ERROR(Dump(), ErrorKind::kAuth, HasSubstr(world_->SaysOfPassword()));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kAuth, HasSubstr(world_->SaysOfPassword()));
  EXPECT_ERROR(MakeSource()->Restore(world_->New(), false, {}), ErrorKind::kAuth, HasSubstr(world_->SaysOfPassword()));
}

TEST_P(SourceContract, AMissingDatabaseIsNotFound) {
  EXPECT_ERROR(Dump(), ErrorKind::kNotFound, HasSubstr(world_->Database()));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kNotFound, HasSubstr(world_->Database()));
  EXPECT_ERROR(MakeSource()->CountTables(world_->New(), {}), ErrorKind::kNotFound, HasSubstr(world_->New()));
}

TEST_P(SourceContract, AnUnreachableServerIsTransient) {
  changes_.port = 1;  // nobody listens there
  EXPECT_ERROR(Dump(), ErrorKind::kTransient, HasSubstr(world_->SaysOfNetwork()));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kTransient, HasSubstr(world_->SaysOfNetwork()));
  changes_.host = "no-such-host.invalid";
  EXPECT_ERROR(Dump(), ErrorKind::kTransient, HasSubstr("no-such-host.invalid"));
}

TEST_P(SourceContract, NoArgumentCarriesThePassword) {
  world_->CreateCompany();
  world_->Fatten(8);
  const std::unique_ptr<ByteSource> dump = BeginDump();
  EXPECT_THAT(test::CommandLine(dumping_), HasSubstr(world_->DumpProgram()));
  EXPECT_THAT(test::CommandLine(dumping_), Not(HasSubstr(world_->password().Reveal())));
}

TEST_P(SourceContract, ADumpThatIsKilledHalfWayIsNoDump) {
  world_->CreateCompany();
  world_->Fatten(8);
  const std::unique_ptr<ByteSource> dump = BeginDump();
  kill(dumping_, SIGKILL);
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr("signal 9"));
}

TEST_P(SourceContract, ALostConnectionEndsTheDump) {
  world_->CreateCompany();
  world_->Fatten(20);
  const std::unique_ptr<ByteSource> dump = BeginDump();
  world_->Disconnect();
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr(world_->Database()));
}

TEST_P(SourceContract, ADumpThatIsGivenUpLeavesNoProcess) {
  world_->CreateCompany();
  world_->Fatten(8);
  BeginDump().reset();
  EXPECT_FALSE(test::IsRunning(dumping_));
}

TEST_P(SourceContract, AStopEndsADump) {
  world_->CreateCompany();
  std::stop_source stop;
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump(stop.get_token());
  stop.request_stop();
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kCancelled, _);
  EXPECT_EQ(test::ChildNamed(getpid(), world_->DumpProgram()), 0);
}

TEST_P(SourceContract, AStalledDumpIsEndedAndLeavesNoProcess) {
  world_->CreateCompany();
  UseFake("printf half; exec sleep 1000\n");
  changes_.limits.stall = seconds(1);
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kTransient, HasSubstr("stalled"));
  EXPECT_EQ(test::ChildNamed(getpid(), "sleep"), 0);
}

TEST_P(SourceContract, AnEndlessDumpIsEnded) {
  world_->CreateCompany();
  // Slow enough that all of its time is its own and not the reader's.
  UseFake("while :; do echo y; sleep 0.01; done\n");
  changes_.limits.endless = seconds(1);
  EXPECT_ERROR(Dump(), ErrorKind::kPermanent, HasSubstr("longer than"));
  EXPECT_EQ(test::ChildNamed(getpid(), "fake"), 0);
}

TEST_P(SourceContract, WhatIsNoDumpIsNoneWhateverTheExitStatus) {
  world_->CreateCompany();
  UseFake("echo hello; exit 0\n");
  EXPECT_ERROR(Dump(), ErrorKind::kCorrupt, HasSubstr(world_->Database()));
  UseFake("exit 3\n");
  EXPECT_ERROR(Dump(), ErrorKind::kPermanent, HasSubstr("exit status 3"));
}

TEST_P(SourceContract, AMissingProgramIsNamed) {
  world_->CreateCompany();
  changes_.dump_program = folder_.File("no-tool");
  EXPECT_ERROR(Dump(), ErrorKind::kPermanent, HasSubstr("no-tool"));
}

TEST_P(SourceContract, AnExistingTargetIsRefusedBeforeAnythingIsTouched) {
  world_->CreateCompany();
  const std::string before = world_->Fingerprint(world_->Database());
  EXPECT_ERROR(MakeSource()->Restore(world_->Database(), false, {}), ErrorKind::kUsage, HasSubstr("exists already"));
  EXPECT_ERROR(MakeSource()->Restore(world_->Database(), true, {}), ErrorKind::kUsage, HasSubstr("replaced"));
  EXPECT_EQ(world_->Fingerprint(world_->Database()), before);
}

TEST_P(SourceContract, AnInterruptedRestoreLeavesNothing) {
  world_->CreateCompany();
  const std::string dump = Dump();
  { MakeSource()->Restore(world_->New(), false, {})->Write(AsBytes(dump).first(dump.size() / 2)); }
  EXPECT_FALSE(world_->Exists(world_->New()));
}

TEST_P(SourceContract, HalfADumpRestoresToNothing) {
  world_->CreateCompany();
  const std::string dump = Dump();
  EXPECT_ERROR(Restore(dump.substr(0, dump.size() / 2)), ErrorKind::kCorrupt, _);
  EXPECT_ERROR(Restore(dump.substr(0, dump.size() - 512)), ErrorKind::kCorrupt, _);
  EXPECT_ERROR(Restore("this is no backup at all"), ErrorKind::kCorrupt, _);
  EXPECT_ERROR(Restore(""), ErrorKind::kCorrupt, _);
  EXPECT_FALSE(world_->Exists(world_->New()));
}

}  // namespace cofre::sources
