#include "service/store_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/health.h"
#include "service/notifier.h"
#include "service/service_test_vault.h"
#include "storage/memory_store.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/faulty_store.h"

namespace cofre::service {
namespace {

using test::FaultProxy;
using test::FaultyStore;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using namespace std::chrono_literals;

class StoreHealthTest : public ::testing::Test {
 protected:
  StoreHealthTest() {
    for (int i = 1; i <= kCompanies; ++i) vault_.AddCompany("1111" + std::to_string(i));
  }

  void SetDown(bool down) {
    store_->SetScript(
        [down](const FaultyStore::Call&) { return down ? FaultyStore::Fault::kError : FaultyStore::Fault::kNone; });
  }
  void SetReadOnly() {
    store_->SetScript([](const FaultyStore::Call& call) {
      return call.Writes() ? FaultyStore::Fault::kError : FaultyStore::Fault::kNone;
    });
  }

  // Minute by minute, as the daemon does, up to that time of 24 November or a later day, in Bogotá; in longer steps
  // where there is nothing to see.
  void LiveUntil(const std::string& time, Duration step = 1min) {
    const TimePoint end = ParseTime("2026-11-" + time + ":00-05:00").value();
    while (vault_.clock.Now() < end) {
      if (StoreProbeIsDue(vault_.catalogue(), vault_.clock.Now())) {
        ProbeStore(*vault_.wiring, {});
        ++probes_;
      }
      vault_.LookNow();
      vault_.RunAll();
      vault_.clock.Advance(step);
    }
  }
  std::vector<std::string> Told() const {
    std::vector<std::string> titles;
    for (const Event& event : vault_.events) {
      if (event.topic == Topic::kServer) titles.push_back(event.title);
    }
    return titles;
  }
  std::vector<Job> JobsSince(const std::string& time) {
    return vault_.catalogue().ListJobs({.started_since = ParseTime("2026-11-" + time + ":00-05:00")}, 999);
  }

  static constexpr int kCompanies = 5;
  std::shared_ptr<FaultyStore> store_ = std::make_shared<FaultyStore>(std::make_shared<storage::MemoryStore>());
  ServiceVault vault_{"[servicio]\nensayos_por_dia = 0\nverificacion_dias = 0\n", store_};
  int probes_ = 0;
};

TEST_F(StoreHealthTest, ANightWithoutTheStoreIsCaughtUpTheSameMorningAndNothingIsLost) {
  LiveUntil("24T12:00", 10min);
  ASSERT_EQ(vault_.CountBackups(), kCompanies);
  const auto before = vault_.catalogue().ListBackups();

  LiveUntil("25T00:50", 10min);
  SetDown(true);
  LiveUntil("25T06:00");
  EXPECT_EQ(vault_.catalogue().ListBackups(), before);
  // Each was tried four times, after 5, 15 and 45 minutes and up to a fifth more.
  const auto tries =
      vault_.catalogue().ListJobs({.company = "11113", .started_since = ParseTime("2026-11-25T00:50:00-05:00")}, 99);
  ASSERT_THAT(tries, SizeIs(4));
  const Duration pauses[] = {5min, 15min, 45min};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(tries[i].error_kind, "transient");
    const Duration pause = tries[2 - i].started - tries[3 - i].started;
    EXPECT_GE(pause, pauses[i]);
    EXPECT_LE(pause, pauses[i] * 6 / 5 + 1min);
  }
  EXPECT_THAT(Told(), ElementsAre("Store down"));

  SetDown(false);
  LiveUntil("25T06:15");
  EXPECT_EQ(vault_.CountBackups(), 2 * kCompanies);
  EXPECT_THAT(Told(), ElementsAre("Store down", "Store is back"));
  // The next night is as any other.
  LiveUntil("26T00:45", 10min);
  LiveUntil("26T01:05");
  EXPECT_THAT(JobsSince("25T06:15"), SizeIs(kCompanies));
  EXPECT_EQ(vault_.CountBackups(), 3 * kCompanies);
}

TEST_F(StoreHealthTest, ItIsSaidOnceAndNotOfEachCompany) {
  FaultProxy proxy([](const FaultProxy::Request&) { return FaultProxy::Reply(200, ""); });
  NotifyConfig config{.gather = 0s, .answer = 5s};
  config.webhooks.push_back(
      {.name = "1", .url = {.url = proxy.endpoint() + "/hook"}, .topics = {std::begin(kTopics), std::end(kTopics)}});
  Notifier notifier(config, vault_.catalogue(), SystemClock());
  SetDown(true);
  LiveUntil("24T06:00");
  EXPECT_TRUE(LookAtHealth(vault_.catalogue(), vault_.config, vault_.clock.Now()).store_down);
  SetDown(false);
  LiveUntil("24T06:15");
  EXPECT_FALSE(LookAtHealth(vault_.catalogue(), vault_.config, vault_.clock.Now()).store_down);
  ASSERT_EQ(vault_.CountBackups(), kCompanies);
  for (const Event& event : vault_.events) notifier.Notify(event);
  notifier.Flush(10s);
  std::vector<std::string> titles;
  for (const auto& request : proxy.requests()) {
    const auto body = nlohmann::json::parse(request.body);
    for (const auto& notice : body.at("avisos")) titles.push_back(notice.at("titulo"));
  }
  EXPECT_THAT(titles, ElementsAre("Store down", "Store is back"));
}

TEST_F(StoreHealthTest, OneThatAnswersAndTakesNothingIsAskedMoreAndMoreSeldom) {
  SetReadOnly();
  LiveUntil("24T23:00", 5min);
  EXPECT_EQ(vault_.CountBackups(), 0U);
  EXPECT_THAT(Told(), ElementsAre("Store down"));
  // 10, 20, 40, 80, then every 120 minutes.
  EXPECT_LE(probes_, 14);
  const auto tries = vault_.catalogue().ListJobs({.company = "11113"}, 99);
  EXPECT_GE(tries.size(), 8U);
  EXPECT_LE(tries.size(), 18U);
}

TEST_F(StoreHealthTest, ADatabaseThatBreaksByItselfIsNoStoreThatIsDown) {
  for (int i = 1; i <= kCompanies; ++i) vault_.SetCommand("1111" + std::to_string(i), {"sh", "-c", "kill -9 $$"});
  LiveUntil("24T04:00");
  EXPECT_FALSE(StoreProbeIsDue(vault_.catalogue(), vault_.clock.Now() + 24h));
  EXPECT_THAT(Told(), ElementsAre("Server down: srv1"));
}

}  // namespace
}  // namespace cofre::service
