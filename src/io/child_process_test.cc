#include "io/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/error.h"
#include "tests/support/manual_clock.h"
#include "tests/support/processes.h"
#include "tests/support/temporary_folder.h"

namespace cofre::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::IsRunning;
using test::WaitUntilGone;
using testing::HasSubstr;

constexpr ProcessLimits kGenerous{seconds(60), seconds(60)};

Command Shell(const std::string& script) { return {{"sh", "-c", script}}; }

std::string ReadAll(ChildProcess& process) {
  std::string text;
  uint8_t buffer[100'000];
  while (const size_t got = process.Read(buffer)) text.append(reinterpret_cast<char*>(buffer), got);
  return text;
}

ProcessEnd RunShell(const std::string& script, const std::string& input = "") {
  return RunProgram(Shell(script), input, kGenerous, SystemClock(), {});
}

ErrorKind KindOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::kUsage;
}

TEST(ChildProcessTest, GivesOutputErrorsAndExitStatus) {
  const ProcessEnd end = RunShell("read line; echo \"got $line\"; echo trouble >&2; exit 3", "word\n");
  EXPECT_EQ(end.output, "got word\n");
  EXPECT_EQ(end.errors, "trouble\n");
  EXPECT_EQ(end.exit_status, 3);
  EXPECT_EQ(end.Describe(), "exit status 3");
}

TEST(ChildProcessTest, NamesTheSignalThatEndedIt) {
  const ProcessEnd end = RunShell("kill -9 $$");
  EXPECT_FALSE(end.ok());
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_THAT(end.Describe(), HasSubstr("signal 9"));
}

TEST(ChildProcessTest, ArgumentsPassUnchangedAndThroughNoShell) {
  const std::string odd = "a b\"c'$HOME;*ñ";
  EXPECT_EQ(RunProgram({{"printf", "%s|", odd, ""}}, "", kGenerous, SystemClock(), {}).output, odd + "||");
}

TEST(ChildProcessTest, TheEnvironmentIsInheritedAndOverridden) {
  setenv("COFRE_TEST_KEPT", "kept", 1);
  setenv("COFRE_TEST_REPLACED", "before", 1);
  Command command = Shell("echo $COFRE_TEST_KEPT $COFRE_TEST_REPLACED $COFRE_TEST_NEW");
  command.environment = {{"COFRE_TEST_REPLACED", Secret("after")}, {"COFRE_TEST_NEW", Secret("new value")}};
  EXPECT_EQ(RunProgram(command, "", kGenerous, SystemClock(), {}).output, "kept after new value\n");
}

TEST(ChildProcessTest, AMissingProgramIsPermanentAndNamed) {
  try {
    RunProgram({{"no-such-program-here"}}, "", kGenerous, SystemClock(), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
    EXPECT_THAT(error.what(), HasSubstr("no-such-program-here"));
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST(ChildProcessTest, AFileThatIsNoProgramIsPermanent) {
  const test::TemporaryFolder folder;
  const std::string path = folder.File("program");
  WriteFileAtomically(path, AsBytes("\x01\x02 nothing to execute"), 0755);
  EXPECT_EQ(KindOf([&] { RunProgram({{path}}, "", kGenerous, SystemClock(), {}); }), ErrorKind::kPermanent);
  WriteFileAtomically(path, AsBytes("#!/bin/sh\n"), 0644);
  EXPECT_EQ(KindOf([&] { RunProgram({{path}}, "", kGenerous, SystemClock(), {}); }), ErrorKind::kPermanent);
}

TEST(ChildProcessTest, AProgramInheritsNothingButItsThreeDescriptors) {
  // On purpose without O_CLOEXEC, and above what a shell opens for itself.
  const FileDescriptor leaked(fcntl(STDERR_FILENO, F_DUPFD, 100));
  ASSERT_EQ(leaked.get(), 100);
  EXPECT_EQ(RunShell("for i in 0 1 2 100; do [ -e /proc/$$/fd/$i ] && echo $i; done; true").output, "0\n1\n2\n");
}

TEST(ChildProcessTest, AProgramStartsWithDefaultSignals) {
  const auto before = signal(SIGPIPE, SIG_IGN);
  const ProcessEnd end = RunShell("grep -E 'SigIgn|SigBlk' /proc/self/status");
  signal(SIGPIPE, before);
  EXPECT_THAT(end.output, HasSubstr("SigBlk:\t0000000000000000"));
  EXPECT_THAT(end.output, HasSubstr("SigIgn:\t0000000000000000"));
}

TEST(ChildProcessTest, ALongStreamArrivesWhole) {
  ChildProcess process({{"seq", "1", "2000000"}}, Input::kNone, kGenerous, SystemClock(), {});
  const std::string text = ReadAll(process);
  EXPECT_EQ(text.size(), 14'888'896U);
  EXPECT_TRUE(text.ends_with("\n1999999\n2000000\n"));
  EXPECT_TRUE(process.Wait().ok());
}

TEST(ChildProcessTest, MuchOnStandardErrorNeitherBlocksNorGrows) {
  ChildProcess process(Shell("echo first >&2; seq 1 1000000 >&2; echo last >&2; echo done"), Input::kNone, kGenerous,
                       SystemClock(), {});
  EXPECT_EQ(ReadAll(process), "done\n");
  const ProcessEnd end = process.Wait();
  EXPECT_LT(end.errors.size(), 200'000U);
  EXPECT_TRUE(end.errors.starts_with("first\n1\n2\n"));
  EXPECT_TRUE(end.errors.ends_with("1000000\nlast\n"));
}

TEST(ChildProcessTest, AStalledProgramIsEndedAndLeavesNoProcess) {
  ChildProcess process(Shell("echo word; exec sleep 1000"), Input::kNone, {milliseconds(200), seconds(60)},
                       SystemClock(), {});
  EXPECT_EQ(KindOf([&] { ReadAll(process); }), ErrorKind::kTransient);
  EXPECT_FALSE(IsRunning(process.pid()));
}

TEST(ChildProcessTest, AProgramThatSaysSomethingOnStandardErrorIsNotStalled) {
  ChildProcess process(Shell("for i in 1 2 3 4 5 6; do echo . >&2; sleep 0.1; done; echo done"), Input::kNone,
                       {milliseconds(400), seconds(60)}, SystemClock(), {});
  EXPECT_EQ(ReadAll(process), "done\n");
}

TEST(ChildProcessTest, TimeThatTheReaderTakesIsNotAStall) {
  ChildProcess process(Shell("echo one; read x; echo two"), Input::kPipe, {milliseconds(300), seconds(60)},
                       SystemClock(), {});
  uint8_t buffer[16];
  EXPECT_EQ(process.Read(buffer), 4U);
  std::this_thread::sleep_for(milliseconds(400));
  process.CloseInput();
  EXPECT_EQ(ReadAll(process), "two\n");
}

TEST(ChildProcessTest, TimeThatTheReaderTakesIsNotTheProgramsOwn) {
  test::ManualClock clock(TimePoint(seconds(1'780'000'000)));
  ChildProcess process({{"seq", "1", "100000"}}, Input::kNone, {seconds(60), seconds(60)}, clock, {});
  uint8_t buffer[100'000];
  size_t bytes = 0;
  while (const size_t got = process.Read(buffer)) {
    bytes += got;
    clock.Advance(seconds(100));  // at a limit's rate, or for a store that is slow
  }
  EXPECT_EQ(bytes, 588'895U);
  EXPECT_TRUE(process.Wait().ok());
}

TEST(ChildProcessTest, AnEndlessProgramIsEnded) {
  ChildProcess process({{"yes"}}, Input::kNone, {seconds(60), milliseconds(200)}, SystemClock(), {});
  EXPECT_EQ(KindOf([&] { ReadAll(process); }), ErrorKind::kPermanent);
  EXPECT_FALSE(IsRunning(process.pid()));
}

TEST(ChildProcessTest, OneThatEndsItsOutputButNotItselfStallsToo) {
  ChildProcess process(Shell("exec >&-; exec sleep 1000"), Input::kNone, {milliseconds(200), seconds(60)},
                       SystemClock(), {});
  EXPECT_EQ(ReadAll(process), "");
  EXPECT_EQ(KindOf([&] { process.Wait(); }), ErrorKind::kTransient);
}

TEST(ChildProcessTest, WorkInSilenceAfterTheInputsEndIsNoStall) {
  const ProcessLimits limits{milliseconds(200), seconds(60)};
  ChildProcess process(Shell("cat; sleep 0.5; echo done"), Input::kPipe, limits, SystemClock(), {});
  process.CloseInput();
  EXPECT_EQ(process.Wait(true).output, "done\n");
  EXPECT_EQ(KindOf([&] { RunProgram(Shell("cat; sleep 1000"), "", limits, SystemClock(), {}); }),
            ErrorKind::kTransient);
}

TEST(ChildProcessTest, AStopEndsAWaitAtOnce) {
  std::stop_source stop;
  ChildProcess process({{"sleep", "1000"}}, Input::kNone, kGenerous, SystemClock(), stop.get_token());
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  const Duration begin = SystemClock().Monotonic();
  EXPECT_EQ(KindOf([&] { ReadAll(process); }), ErrorKind::kCancelled);
  EXPECT_LT(SystemClock().Monotonic() - begin, seconds(5));
  EXPECT_FALSE(IsRunning(process.pid()));
}

TEST(ChildProcessTest, NothingIsStartedAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(KindOf([&] { RunProgram({{"true"}}, "", kGenerous, SystemClock(), stop.get_token()); }),
            ErrorKind::kCancelled);
}

TEST(ChildProcessTest, DestroyingItEndsWhatItStartedToo) {
  pid_t grandchild = 0;
  {
    ChildProcess process(Shell("sleep 1000 & echo $!; wait"), Input::kNone, kGenerous, SystemClock(), {});
    uint8_t buffer[32];
    const size_t got = process.Read(buffer);
    grandchild = std::stoi(std::string(reinterpret_cast<char*>(buffer), got));
    EXPECT_TRUE(IsRunning(grandchild));
  }
  EXPECT_TRUE(WaitUntilGone(grandchild));
}

TEST(ChildProcessTest, OneThatIgnoresTermIsKilled) {
  pid_t pid = 0;
  {
    ChildProcess process(Shell("trap '' TERM; echo ready; while :; do sleep 1; done"), Input::kNone, kGenerous,
                         SystemClock(), {});
    uint8_t buffer[32];
    process.Read(buffer);
    pid = process.pid();
  }
  EXPECT_FALSE(IsRunning(pid));
}

TEST(ChildProcessTest, WritingToAProgramThatHasEndedIsNoSignal) {
  ChildProcess process({{"true"}}, Input::kPipe, kGenerous, SystemClock(), {});
  const Bytes much(4 << 20, 'x');
  EXPECT_FALSE(process.Write(much));
  EXPECT_TRUE(process.Wait().ok());
}

TEST(ChildProcessTest, AProgramThatTakesNothingStalls) {
  ChildProcess process({{"sleep", "1000"}}, Input::kPipe, {milliseconds(200), seconds(60)}, SystemClock(), {});
  const Bytes much(4 << 20, 'x');
  EXPECT_EQ(KindOf([&] { process.Write(much); }), ErrorKind::kTransient);
}

TEST(ChildProcessTest, OutputWhileWritingIsKept) {
  ChildProcess process({{"cat"}}, Input::kPipe, kGenerous, SystemClock(), {});
  const Bytes much(4 << 20, 'x');
  EXPECT_TRUE(process.Write(much));
  process.CloseInput();
  const ProcessEnd end = process.Wait();
  EXPECT_TRUE(end.ok());
  EXPECT_THAT(end.output, HasSubstr("[...]"));
}

TEST(ChildProcessTest, AProgramOutlivesTheThreadThatStartedIt) {
  std::unique_ptr<ChildProcess> process;
  std::thread([&] {
    process = std::make_unique<ChildProcess>(Shell("read x; echo alive"), Input::kPipe, kGenerous, SystemClock(),
                                             std::stop_token());
  }).join();
  process->Write(AsBytes("go\n"));
  EXPECT_EQ(ReadAll(*process), "alive\n");
  EXPECT_TRUE(process->Wait().ok());
}

// Run by the next test as a process of its own.
TEST(ChildProcessTest, DISABLED_StartsASleeperAndWaits) {
  const ChildProcess sleeper({{"sleep", "1000"}}, Input::kNone, kGenerous, SystemClock(), {});
  fprintf(stderr, "sleeper %d\n", sleeper.pid());
  std::this_thread::sleep_for(seconds(60));
}

TEST(ChildProcessTest, ProgramsEndWhenThisProcessIsKilled) {
  ChildProcess parent({{"/proc/self/exe", "--gtest_also_run_disabled_tests",
                        "--gtest_filter=ChildProcessTest.DISABLED_StartsASleeperAndWaits"}},
                      Input::kNone, kGenerous, SystemClock(), {});
  pid_t sleeper = 0;
  while (sleeper == 0) {
    sleeper = test::ChildNamed(parent.pid(), "sleep");
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_TRUE(IsRunning(sleeper));
  kill(parent.pid(), SIGKILL);
  EXPECT_TRUE(WaitUntilGone(sleeper));
}

}  // namespace
}  // namespace cofre::io
