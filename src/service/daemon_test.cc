#include "service/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "service/service_test_vault.h"
#include "service/wake.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

// Goes, and jumps when a test says so. What is measured by its monotonic side takes its true time.
class JumpingClock : public Clock {
 public:
  explicit JumpingClock(TimePoint begin) : shift_((begin - SystemClock().Now()).count()) {}
  TimePoint Now() const override { return SystemClock().Now() + Duration(shift_.load()); }
  Duration Monotonic() const override { return SystemClock().Monotonic(); }
  void SleepFor(Duration pause, std::stop_token stop) override { SystemClock().SleepFor(pause, std::move(stop)); }
  void Jump(Duration step) { shift_ += step.count(); }

 private:
  std::atomic<int64_t> shift_;
};

// A service that runs in a thread, on a night at 01:00.
class DaemonTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AddCompany("11111", {"echo", "hello"});
    AddCompany("22222", {"sh", "-c", "until [ -e '" + vault_.folder.File("go") + "' ]; do sleep 0.02; done; echo x"});
    wiring_ = std::make_shared<Wiring>(vault_.config, clock_);
    DaemonHooks hooks;
    hooks.looked = [this] { ++turns_; };
    daemon_ = std::make_unique<Daemon>(wiring_, std::move(hooks));
    thread_ = std::jthread([this](const std::stop_token& stop) { daemon_->Serve(stop); });
  }

  void AddCompany(const std::string& id, const std::vector<std::string>& command) {
    vault_.catalogue().AddCompany({.id = id, .name = "x", .server = "srv1"});
    vault_.catalogue().AddDatabase({.company = id, .fiscal_year = 2026, .command = command}, clock_.Now() - 1h);
  }
  static void Await(const std::function<bool()>& holds) {
    const auto begin = std::chrono::steady_clock::now();
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now() - begin, 30s);
      std::this_thread::sleep_for(5ms);
    }
  }
  // Until it has looked at the fleet anew, and what that queued has begun.
  void LetItLook() {
    const int before = turns_;
    Await([&] {
      Wake(vault_.config.state_directory);
      return turns_ >= before + 3;
    });
  }
  void Jump(Duration step) {
    clock_.Jump(step);
    LetItLook();
  }
  std::vector<Job> Jobs(const std::string& company, JobState state) {
    return vault_.catalogue().ListJobs({.company = company, .state = state}, 99);
  }
  void LetItGo() { WriteFileAtomically(vault_.folder.File("go"), AsBytes("x"), 0600); }

  ServiceVault vault_{"[servicio]\nensayos_por_dia = 0\nverificacion_dias = 0\n"};
  JumpingClock clock_{ParseTime("2026-11-24T06:00:10Z").value()};
  std::shared_ptr<Wiring> wiring_;
  std::atomic<int> turns_{0};
  std::unique_ptr<Daemon> daemon_;
  std::jthread thread_;
};

TEST_F(DaemonTest, AClockThatJumpsEndsNothingThatRunsAndRepeatsNothing) {
  Await([&] { return vault_.CountBackups("11111") == 1 && Jobs("22222", JobState::kRunning).size() == 1; });
  Jump(-1h);
  Jump(1h);
  EXPECT_EQ(vault_.CountBackups("11111"), 1U);
  // A day forward: the next night's backup. What runs goes on.
  Jump(24h);
  Await([&] { return vault_.CountBackups("11111") == 2; });
  EXPECT_EQ(Jobs("22222", JobState::kRunning).size(), 1U);
  Jump(-24h);
  LetItGo();
  Await([&] { return vault_.CountBackups("22222") == 1; });
  LetItLook();
  EXPECT_EQ(vault_.CountBackups("11111"), 2U);
  EXPECT_EQ(vault_.CountBackups("22222"), 1U);
  EXPECT_TRUE(Jobs("", JobState::kInterrupted).empty());
  EXPECT_TRUE(Jobs("", JobState::kFailed).empty());
  // The day that the clock had been in before has its backups when it comes.
  Jump(48h);
  Await([&] { return vault_.CountBackups("11111") == 3 && vault_.CountBackups("22222") == 2; });
}

TEST_F(DaemonTest, ACompanyDisabledWhileItsBackupRunsHasThatOneAndNoMore) {
  Await([&] { return Jobs("22222", JobState::kRunning).size() == 1; });
  Company company = vault_.catalogue().GetCompany("22222");
  company.enabled = false;
  vault_.catalogue().UpdateCompany(company);
  LetItLook();
  EXPECT_EQ(Jobs("22222", JobState::kRunning).size(), 1U);
  LetItGo();
  // Both have ended: what still began after the jump would be the next day's.
  Await([&] { return vault_.CountBackups("22222") == 1 && vault_.CountBackups("11111") == 1; });
  Jump(24h);
  Await([&] { return vault_.CountBackups("11111") == 2; });
  EXPECT_EQ(vault_.CountBackups("22222"), 1U);
  EXPECT_TRUE(Jobs("22222", JobState::kQueued).empty());
}

TEST_F(DaemonTest, ANodeThatIsDrainedEndsWhatItHasAndLeavesTheRestToOthers) {
  Await([&] { return Jobs("22222", JobState::kRunning).size() == 1 && vault_.CountBackups("11111") == 1; });
  const std::vector<Node> nodes = vault_.catalogue().ListNodes();
  ASSERT_EQ(nodes.size(), 1U);
  vault_.catalogue().SetNodeDraining(nodes[0].name, true);
  // The right to plan is free for another one.
  Await([&] {
    return vault_.catalogue().TakeLease(kPlannerLease, "another node", clock_.Now(), clock_.Now() + 1h, MayBeAlive);
  });
  vault_.Enqueue("11111");
  LetItGo();
  Await([&] { return vault_.CountBackups("22222") == 1; });
  LetItLook();
  EXPECT_EQ(Jobs("11111", JobState::kQueued).size(), 1U);
  vault_.catalogue().SetNodeDraining(nodes[0].name, false);
  Await([&] { return vault_.CountBackups("11111") == 2; });
}

}  // namespace
}  // namespace cofre::service
