// Several processes, cancelled ones, killed ones.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "cli/exit_code.h"
#include "tests/support/processes.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kCompany = "900869750";

class ProcessesTest : public ::testing::Test {
 protected:
  ProcessesTest() { vault_.AddCompany(kCompany, NoiseText(300'000, 1)); }

  // From now on a dump gives some bytes, makes the file "begun", and then nothing more.
  void SetEndlessDump() {
    vault_.Must({"database", "set", kCompany, "2025", "--", "sh", "-c",
                 "head -c 200000 /dev/urandom; touch '" + vault_.File("begun") + "'; exec sleep 1000"});
  }
  void SetPlainDump() {
    vault_.Must({"database", "set", kCompany, "2025", "--", "cat", vault_.File("900869750.dump")});
  }

  void WaitForDump() const {
    for (int i = 0; i < 1000 && !std::filesystem::exists(vault_.File("begun")); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_TRUE(std::filesystem::exists(vault_.File("begun")));
  }

  Vault vault_;
};

TEST_F(ProcessesTest, ASecondOneIsToldWhoIsAtWork) {
  SetEndlessDump();
  const auto first = vault_.Start({"backup", kCompany});
  WaitForDump();
  EXPECT_REFUSED(vault_.Run({"backup", kCompany}), cli::kExitTransient,
                 AllOf(HasSubstr("backup of 2025"), HasSubstr("process " + std::to_string(first->pid()))));
  // Others read meanwhile.
  vault_.Must({"list"});
}

class StopSignalTest : public ProcessesTest, public ::testing::WithParamInterface<int> {};

TEST_P(StopSignalTest, CancelsAndLeavesNothingBehind) {
  vault_.Must({"backup", kCompany});
  SetEndlessDump();
  const auto cofre = vault_.Start({"backup", kCompany});
  WaitForDump();
  pid_t dump = 0;  // the shell becomes it a moment after it has made the file
  for (int i = 0; i < 1000 && dump == 0; ++i) {
    dump = ChildNamed(cofre->pid(), "sleep");
    if (dump == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_NE(dump, 0);
  kill(cofre->pid(), GetParam());
  const io::ProcessEnd end = cofre->Wait();
  EXPECT_EQ(end.exit_status, cli::kExitCancelled) << end.Describe();
  EXPECT_THAT(end.errors, HasSubstr("cofre: cancelled"));
  EXPECT_TRUE(WaitUntilGone(dump));

  EXPECT_THAT(vault_.Must({"restic", kCompany, "--", "--no-cache", "check", "--read-data"}), HasSubstr("no errors"));
  EXPECT_EQ(vault_.Json({"list"}).size(), 1U);
  SetPlainDump();
  vault_.Must({"backup", kCompany});
}

INSTANTIATE_TEST_SUITE_P(Signals, StopSignalTest, ::testing::Values(SIGINT, SIGTERM));

// restic sends it to a process whose lock it finds.
TEST_F(ProcessesTest, ASighupDoesNothing) {
  SetEndlessDump();
  const auto cofre = vault_.Start({"backup", kCompany});
  WaitForDump();
  kill(cofre->pid(), SIGHUP);
  kill(cofre->pid(), SIGINT);
  EXPECT_EQ(cofre->Wait().exit_status, cli::kExitCancelled);
}

TEST_F(ProcessesTest, AfterAKillTheNextOneMendsWhatWasLeft) {
  SetEndlessDump();
  {
    const auto cofre = vault_.Start({"backup", kCompany});
    WaitForDump();
    const pid_t dump = ChildNamed(cofre->pid(), "sleep");
    kill(cofre->pid(), SIGKILL);
    cofre->Wait();
    EXPECT_TRUE(WaitUntilGone(dump));
  }
  EXPECT_EQ(vault_.Json({"list"}).size(), 0U);
  SetPlainDump();
  vault_.Must({"backup", kCompany});
  vault_.Must({"prune", "--yes"});
  EXPECT_THAT(vault_.Must({"restic", kCompany, "--", "--no-cache", "check", "--read-data"}), HasSubstr("no errors"));
}

// Killed at a random moment, again and again: what is listed is there, the next backup works, restic finds no damage.
TEST_F(ProcessesTest, KilledTwoHundredTimesItLosesNothing) {
  SeededRandom random(20261124);
  vault_.Must({"backup", kCompany});
  const auto begin = std::chrono::steady_clock::now();
  vault_.SetDump(kCompany, NoiseText(300'000, 2));
  vault_.Must({"backup", kCompany});
  const auto usual = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  const auto span = static_cast<uint64_t>(usual.count()) + 2000;

  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    vault_.SetDump(kCompany, NoiseText(300'000, 1000 + static_cast<uint64_t>(round)));
    {
      const auto cofre = vault_.Start({"backup", kCompany});
      std::this_thread::sleep_for(std::chrono::microseconds(random.Below(span)));
      kill(cofre->pid(), SIGKILL);
      cofre->Wait();
    }
    ASSERT_GE(vault_.Json({"list"}).size(), 1U);
    if (round % 10 != 9) continue;
    vault_.SetDump(kCompany, NoiseText(300'000, 5000 + static_cast<uint64_t>(round)));
    vault_.Must({"backup", kCompany});
    EXPECT_THAT(vault_.Must({"restic", kCompany, "--", "--no-cache", "check", "--read-data"}), HasSubstr("no errors"));
    const auto verified = vault_.Json({"verify"})[0];
    ASSERT_EQ(verified["estado"], "bien");
    ASSERT_EQ(verified["respaldos_desconocidos"].size(), 0U);
    if (round % 50 == 49) vault_.Must({"prune", "--yes"});
  }
  vault_.Must({"restore", "900869750/2025", vault_.File("x"), "--file"});
  EXPECT_TRUE(ReadFile(vault_.File("x"), 1 << 20) == NoiseText(300'000, 5199));
}

}  // namespace
}  // namespace cofre::test
