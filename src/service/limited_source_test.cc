#include "service/limited_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/service_test_vault.h"
#include "sources/command.h"
#include "tests/support/expect_error.h"
#include "tests/support/streams.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

double Seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

class LimitedSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<sources::Source> Make(const std::vector<std::string>& command, sources::Limits limits = {}) {
    return Limit(sources::MakeCommandSource(command, limits, clock_), bandwidth_);
  }

  test::ManualClock clock_{TimePoint{}};
  std::shared_ptr<io::Bandwidth> bandwidth_ =
      std::make_shared<io::Bandwidth>(clock_, [](TimePoint) { return 1'000'000; });
};

TEST_F(LimitedSourceTest, ADumpIsReadAtTheRateAndWhole) {
  const auto dump = Make({"head", "-c", "5000000", "/dev/zero"})->Dump({});
  EXPECT_EQ(test::ReadAll(*dump).size(), 5'000'000U);
  EXPECT_NEAR(Seconds(clock_.slept()), 5, 0.3);
}

TEST_F(LimitedSourceTest, AllDumpsOfAServerShareTheRate) {
  const auto one = Make({"head", "-c", "2000000", "/dev/zero"})->Dump({});
  const auto other = Make({"head", "-c", "3000000", "/dev/zero"})->Dump({});
  test::ReadAll(*one);
  test::ReadAll(*other);
  EXPECT_NEAR(Seconds(clock_.slept()), 5, 0.3);
}

TEST_F(LimitedSourceTest, WaitingIsNeitherAStallNorEndless) {
  const auto dump = Make({"head", "-c", "5000000", "/dev/zero"}, {.stall = 1s, .endless = 1s})->Dump({});
  EXPECT_EQ(test::ReadAll(*dump).size(), 5'000'000U);
}

TEST_F(LimitedSourceTest, ADumpThatFailsStillFails) {
  const auto dump = Make({"sh", "-c", "head -c 1000000 /dev/zero; exit 3"})->Dump({});
  EXPECT_ERROR(test::ReadAll(*dump), ErrorKind::kPermanent, ::testing::HasSubstr("exit status 3"));
}

TEST_F(LimitedSourceTest, AStopEndsTheWait) {
  bandwidth_ = std::make_shared<io::Bandwidth>(SystemClock(), [](TimePoint) { return 10'000; });
  std::stop_source stop;
  const auto dump = Make({"head", "-c", "5000000", "/dev/zero"})->Dump(stop.get_token());
  Bytes buffer(1'000'000);
  dump->Read(buffer);
  stop.request_stop();
  EXPECT_ERROR(test::ReadAll(*dump), ErrorKind::kCancelled, ::testing::_);
}

TEST(LimitedServerTest, ABackupIsReadNoFasterThanItsServersLimit) {
  ServiceVault vault(
      "[limites]\nestancado_segundos = 1\nmaximo_segundos = 1\n"
      "[[limite_servidor]]\nservidor = \"srv1\"\nancho_banda = \"100 kB/s\"\n");
  (void)vault.wiring->engine();
  vault.AddCompany("11111", 2026, {"head", "-c", "1000000", "/dev/zero"});
  vault.Enqueue("11111");
  const Job job = vault.RunNext().value();
  EXPECT_EQ(job.state, JobState::kDone) << job.message;
  EXPECT_NEAR(Seconds(vault.clock.slept()), 10, 1);
}

TEST(LimitedServerTest, TheNodesOwnLimitHoldsForWhatIsStored) {
  ServiceVault vault("[limites]\nancho_banda_subida = \"100 kB/s\"\n");
  (void)vault.wiring->engine();
  vault.AddCompany("11111", 2026, {"head", "-c", "1000000", "/dev/urandom"});
  vault.Enqueue("11111");
  EXPECT_EQ(vault.RunNext().value().state, JobState::kDone);
  EXPECT_NEAR(Seconds(vault.clock.slept()), 10, 1.5);
}

}  // namespace
}  // namespace cofre::service
