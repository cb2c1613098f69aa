// The service and its passes, as an operator runs them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <thread>

#include "cli/exit_code.h"
#include "tests/support/eventually.h"
#include "tests/support/firebird_company.h"
#include "tests/support/processes.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(TickOnFirebirdTest, ThreeCompaniesAreBackedUpDayAfterDay) {
  COFRE_REQUIRE_FIREBIRD_TOOLS();
  Vault vault;
  vault.Must({"server", "add", "local"});
  const std::map<std::string, std::string> hours{
      {"900000001", "01:00"}, {"900000002", "01:00"}, {"900000003", "13:37"}};
  for (const auto& [id, hour] : hours) {
    CreateCompany(vault.File(id + ".fdb"));
    vault.Must({"company", "add", id, "--name", "Empresa " + id, "--server", "local", "--time", hour});
    vault.Must({"database", "add", id, "2150", "--path", vault.File(id + ".fdb")});
  }
  // Days that are to come: registered today, they are known then.
  const auto tick = [&](const std::string& at) {
    vault.Must({"tick", "--at", "2150-11-" + at + ":30-05:00"});
    return vault.Json({"list"}).size();
  };
  EXPECT_EQ(tick("20T20:00"), 3U);  // caught up
  EXPECT_EQ(tick("21T00:59"), 3U);
  EXPECT_EQ(tick("21T01:00"), 5U);
  EXPECT_EQ(tick("21T01:01"), 5U);
  EXPECT_EQ(tick("21T13:37"), 6U);
  for (const char* day : {"22", "23", "24"}) {
    LiveADay(vault.File("900000001.fdb"));
    tick(std::string(day) + "T01:00");
    tick(std::string(day) + "T13:38");
  }
  // Three of each, of the last three days.
  const auto backups = vault.Json({"list"});
  EXPECT_EQ(backups.size(), 9U);
  for (const auto& backup : backups) EXPECT_GE(backup["fecha"].get<std::string>(), "2150-11-22T06:00");

  // Some were restored for a try, with gbak and gfix, and nothing of that is left.
  EXPECT_TRUE(std::ranges::any_of(backups, [](const auto& backup) { return !backup["ensayado"].is_null(); }));
  for (const auto& backup : backups) EXPECT_TRUE(backup["problema_ensayo"].is_null()) << backup;
  EXPECT_TRUE(std::filesystem::is_empty(vault.File("vault/state/ensayos")));

  vault.Must({"restore", "900000001/2150", vault.File("restored.fdb")});
  EXPECT_EQ(Fingerprint(vault.File("restored.fdb")), Fingerprint(vault.File("900000001.fdb")));
}

class ServeTest : public ::testing::Test {
 protected:
  // A closed year without a backup: the service makes one as soon as it runs.
  void AddCompany(const std::string& id) { vault_.AddCompany(id, NoiseText(100'000, 1)); }
  void SetEndlessDump(const std::string& id) {
    vault_.Must({"database", "set", id, "2025", "--", "sh", "-c",
                 "head -c 200000 /dev/urandom; touch '" + vault_.File("begun") + "'; exec sleep 1000"});
  }
  void SetPlainDump(const std::string& id) {
    vault_.Must({"database", "set", id, "2025", "--", "cat", vault_.File(id + ".dump")});
  }
  bool DumpBegan() const {
    return Eventually([&] { return std::filesystem::exists(vault_.File("begun")); });
  }
  size_t CountBackups() const { return vault_.Json({"list"}).size(); }

  Vault vault_;
};

TEST_F(ServeTest, WhatIsDueIsBackedUpAndSigtermEndsItWell) {
  AddCompany("900000001");
  AddCompany("900000002");
  const auto service = vault_.Start({"serve"});
  EXPECT_TRUE(Eventually([&] { return CountBackups() == 2; }));
  kill(service->pid(), SIGTERM);
  const io::ProcessEnd end = service->Wait();
  EXPECT_EQ(end.exit_status, 0) << end.Describe();
  EXPECT_EQ(CountBackups(), 2U) << end.errors;
  EXPECT_THAT(end.errors, AllOf(HasSubstr("service_started"), HasSubstr("service_ended")));
}

TEST_F(ServeTest, AfterAKillTheNextOneDoesWhatWasLeft) {
  AddCompany("900000001");
  SetEndlessDump("900000001");
  {
    const auto service = vault_.Start({"serve"});
    ASSERT_TRUE(DumpBegan());
    kill(service->pid(), SIGKILL);
    service->Wait();
  }
  EXPECT_EQ(CountBackups(), 0U);
  SetPlainDump("900000001");
  const auto service = vault_.Start({"serve"});
  EXPECT_TRUE(Eventually([&] { return CountBackups() == 1; }));
  kill(service->pid(), SIGTERM);
  EXPECT_EQ(service->Wait().exit_status, 0);
  EXPECT_THAT(vault_.Must({"restic", "900000001", "--", "--no-cache", "check", "--read-data"}), HasSubstr("no errors"));
}

TEST_F(ServeTest, AStopCancelsWhatDoesNotEndInTime) {
  AddCompany("900000001");
  SetEndlessDump("900000001");
  std::string text = ReadFile(vault_.Config(), 1 << 20);
  text.insert(text.find("[servicio]\n") + 11, "parada_segundos = 1\n");
  WriteFileAtomically(vault_.Config(), AsBytes(text), 0600);
  const auto service = vault_.Start({"serve"});
  ASSERT_TRUE(DumpBegan());
  kill(service->pid(), SIGTERM);
  const io::ProcessEnd end = service->Wait();
  EXPECT_EQ(end.exit_status, 0) << end.Describe();
  EXPECT_THAT(end.errors, HasSubstr("jobs_cancelled"));
  EXPECT_EQ(CountBackups(), 0U);
}

TEST_F(ServeTest, TwoServicesOnOneCatalogueRunEveryJobOnce) {
  for (int i = 1; i <= 8; ++i) AddCompany("90000000" + std::to_string(i));
  const auto one = vault_.Start({"serve"});
  const auto other = vault_.Start({"serve"});
  EXPECT_TRUE(Eventually([&] { return CountBackups() >= 8; }));
  kill(one->pid(), SIGTERM);
  kill(other->pid(), SIGTERM);
  const std::string said = one->Wait().errors + other->Wait().errors;
  EXPECT_THAT(said, HasSubstr("standing_by"));
  EXPECT_EQ(CountBackups(), 8U);
  size_t started = 0;
  for (size_t at = said.find("job_started"); at != std::string::npos; at = said.find("job_started", at + 1)) {
    if (said.substr(at, said.find('\n', at) - at).find("kind=backup") != std::string::npos) ++started;
  }
  EXPECT_EQ(started, 8U);
}

TEST_F(ServeTest, ABackupAskedForIsHandedToTheService) {
  AddCompany("900000001");
  vault_.Must({"company", "set", "900000001", "--enabled", "no"});
  const auto service = vault_.Start({"serve"});
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(vault_.File("vault/state/despertar")); }));
  const auto backup = vault_.Json({"backup", "900000001", "--pin", "2199-12-31"})[0];
  EXPECT_EQ(backup["estado"], "hecha");
  EXPECT_FALSE(backup["fijado_hasta"].is_null());
  EXPECT_GT(backup["bytes_agregados"], 0);

  EXPECT_EQ(vault_.Json({"backup", "900000001", "--no-wait"})[0]["estado"], "en_cola");
  EXPECT_TRUE(Eventually([&] { return CountBackups() == 2; }));

  vault_.Must({"database", "set", "900000001", "2025", "--", "false"});
  EXPECT_REFUSED(vault_.Run({"backup", "900000001"}), cli::kExitPermanent, HasSubstr("exit status 1"));
  kill(service->pid(), SIGTERM);
  EXPECT_THAT(service->Wait().errors, AllOf(HasSubstr("job_done"), HasSubstr("job_failed")));
  // Nobody runs: it is done here.
  SetPlainDump("900000001");
  EXPECT_EQ(vault_.Json({"backup", "900000001"})[0]["estado"], "hecha");
}

TEST_F(ServeTest, AManualBackupThatDiedWithTheServiceIsDoneByTheNext) {
  AddCompany("900000001");
  vault_.Must({"company", "set", "900000001", "--enabled", "no"});
  SetEndlessDump("900000001");
  {
    const auto service = vault_.Start({"serve"});
    vault_.Must({"backup", "900000001", "--no-wait"});
    ASSERT_TRUE(DumpBegan());
    kill(service->pid(), SIGKILL);
    service->Wait();
  }
  SetPlainDump("900000001");
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 1U);
}

TEST_F(ServeTest, NothingStartsByItselfWhileItIsPaused) {
  AddCompany("900000001");
  vault_.Must({"pause"});
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 0U);
  vault_.Must({"resume"});
  vault_.Must({"pause", "srv1"});
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 0U);
  EXPECT_EQ(vault_.Json({"backup", "900000001"})[0]["estado"], "hecha");
  AddCompany("900000002");
  vault_.Must({"resume", "srv1"});
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 2U);
  EXPECT_REFUSED(vault_.Run({"pause", "nowhere"}), cli::kExitNotFound, HasSubstr("nowhere"));
}

TEST_F(ServeTest, AHangupReadsTheConfigurationAnewOrKeepsTheOldOne) {
  const auto service = vault_.Start({"serve"});
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(vault_.File("vault/state/despertar")); }));
  const std::string good = ReadFile(vault_.Config(), 1 << 20);
  const auto hang_up = [&](const std::string& text) {
    WriteFileAtomically(vault_.Config(), AsBytes(text), 0600);
    kill(service->pid(), SIGHUP);
    std::this_thread::sleep_for(500ms);
  };
  hang_up(good + "\nfoo = 1\n");
  hang_up("catalogo = \"elsewhere.db\"\n" + good.substr(0, good.find("catalogo =")) +
          good.substr(good.find("\n", good.find("catalogo ="))));
  hang_up(good);
  AddCompany("900000001");
  EXPECT_TRUE(Eventually([&] { return vault_.Json({"backup", "900000001"}).size() == 1; }));
  kill(service->pid(), SIGTERM);
  const std::string said = service->Wait().errors;
  EXPECT_THAT(said, HasSubstr("configuration_not_reloaded"));
  EXPECT_THAT(said, HasSubstr("foo"));
  EXPECT_THAT(said, HasSubstr("cannot change while the service runs"));
  EXPECT_THAT(said, HasSubstr("configuration_reloaded"));
}

TEST_F(ServeTest, PendingNamesWhatLacksABackupAndRunsIt) {
  AddCompany("900000001");
  AddCompany("900000002");
  vault_.Must({"backup", "900000001"});
  const auto pending = vault_.Json({"pending"});
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0]["empresa"], "900000002");
  EXPECT_TRUE(pending[0]["ultimo_respaldo"].is_null());
  EXPECT_EQ(vault_.Json({"pending", "--server", "srv1"}).size(), 1U);
  EXPECT_REFUSED(vault_.Run({"pending", "--server", "other"}), cli::kExitNotFound, HasSubstr("other"));
  vault_.Must({"pause"});
  vault_.Must({"pending", "--run"});
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 2U);
  EXPECT_EQ(vault_.Json({"pending"}).size(), 0U);
}

TEST_F(ServeTest, PendingListsWhatWasRegisteredAfterItsHourAndRunsItOnlyWhenAsked) {
  AddCompany("900000001");
  vault_.Must({"database", "remove", "900000001", "2025", "--yes"});
  vault_.Must({"database", "add", "900000001", "2199", "--", "cat", vault_.File("900000001.dump")});
  const auto pending = vault_.Json({"pending"});
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0]["motivo"], "not_due");
  EXPECT_THAT(pending[0]["explicacion"].get<std::string>(), HasSubstr("no backup yet; due at "));
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 0U);
  vault_.Must({"pending", "--run"});
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 1U);
  EXPECT_EQ(vault_.Json({"pending"}).size(), 0U);
}

TEST_F(ServeTest, OneUnreachableServerAmongFiveHoldsUpNobody) {
  vault_.Must({"server", "add", "down", "--host", "127.0.0.1", "--port", "1", "--user", "SYSDBA"});
  for (const char* up : {"1", "2", "3", "4"}) {
    const std::string id = std::string("90000000") + up;
    vault_.Must({"server", "add", std::string("up") + up, "--engine", "command"});
    vault_.Must({"company", "add", id, "--server", std::string("up") + up});
    vault_.Must({"database", "add", id, "2025", "--", "echo", "hello"});
  }
  for (int i = 1; i <= 6; ++i) {
    const std::string id = "80000000" + std::to_string(i);
    vault_.Must({"company", "add", id, "--server", "down"});
    vault_.Must({"database", "add", id, "2025", "--path", "/x.fdb"});
  }
  vault_.Must({"tick"});
  EXPECT_EQ(CountBackups(), 4U);
  EXPECT_EQ(vault_.Json({"pending"}).size(), 6U);
  // Said once, not six times.
  const auto plan = vault_.Json({"pending", "--server", "down"});
  EXPECT_TRUE(std::ranges::any_of(plan, [](const auto& one) { return one["motivo"] != "refresh"; }));
}

TEST_F(ServeTest, ATickLeavesTheWorkToARunningService) {
  const auto service = vault_.Start({"serve"});
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(vault_.File("vault/state/despertar")); }));
  ASSERT_TRUE(Eventually([&] { return vault_.Run({"tick"}).exit_status == cli::kExitTransient; }));
  EXPECT_REFUSED(vault_.Run({"tick", "--at", "yesterday"}), cli::kExitUsage, HasSubstr("yesterday"));
}

}  // namespace
}  // namespace cofre::test
