#include "service/maintenance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "service/service_test_vault.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

class MaintenanceTest : public ::testing::Test {
 protected:
  // Companies with one backup each.
  void AddCompanies(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string id = std::to_string(50000 + i);
      vault_.AddCompany(id);
      vault_.Enqueue(id);
    }
    vault_.RunAll();
  }
  void QueueNow() {
    const TimePoint now = vault_.clock.Now();
    vault_.mirror.Refresh(vault_.catalogue(), vault_.config, now);
    QueueMaintenance(vault_.catalogue(), vault_.mirror, vault_.config, now);
  }
  // Hour by hour; the companies whose jobs of the kind ran.
  std::multiset<std::string> LiveHours(int hours, JobKind kind) {
    std::multiset<std::string> companies;
    for (int hour = 0; hour < hours; ++hour) {
      do {
        QueueNow();
        while (const auto job = vault_.RunNext()) {
          if (job->kind == kind) companies.insert(job->company);
        }
      } while (!vault_.catalogue().ListJobs({.state = JobState::kQueued}, 1).empty());
      vault_.clock.Advance(1h);
    }
    return companies;
  }

  ServiceVault vault_{"[servicio]\nensayos_por_dia = 2\nverificacion_dias = 3\n"};
};

TEST_F(MaintenanceTest, AFewAtATimeAreQueuedAndNoneTwice) {
  AddCompanies(6);
  QueueNow();
  QueueNow();
  EXPECT_EQ(vault_.catalogue().ListJobs({.state = JobState::kQueued}, 99).size(), 2U);
}

TEST_F(MaintenanceTest, DrillsGoAroundTheFleet) {
  AddCompanies(6);
  const auto drilled = LiveHours(3 * 24, JobKind::kDrill);
  EXPECT_EQ(drilled.size(), 6U);
  EXPECT_EQ(std::set<std::string>(drilled.begin(), drilled.end()).size(), 6U);
}

TEST_F(MaintenanceTest, EveryCompanyIsVerifiedWithinItsDaysAndNotOftener) {
  AddCompanies(6);
  const auto verified = LiveHours(3 * 24, JobKind::kVerify);
  EXPECT_EQ(verified.size(), 6U);
  EXPECT_EQ(std::set<std::string>(verified.begin(), verified.end()).size(), 6U);
}

TEST_F(MaintenanceTest, WhatRetentionRemovedIsReclaimedOnceADay) {
  AddCompanies(1);
  for (int day = 0; day < 5; ++day) {
    vault_.clock.Advance(24h);
    vault_.SetCommand("50000", {"echo", std::to_string(day)});
    vault_.Enqueue("50000");
    vault_.RunAll();
  }
  EXPECT_TRUE(vault_.catalogue().FindCompanyState("50000")->wants_prune_since);
  EXPECT_EQ(LiveHours(48, JobKind::kPrune).size(), 1U);
  const CompanyState state = vault_.catalogue().FindCompanyState("50000").value();
  EXPECT_FALSE(state.wants_prune_since);
  EXPECT_TRUE(state.pruned_at);
}

TEST_F(MaintenanceTest, HistoryIsForgottenAfterItsDaysAndNeverTheLast) {
  AddCompanies(1);
  const TimePoint now = vault_.clock.Now();
  for (int i = 0; i < 1005; ++i) {
    Job failed{.company = "50000", .fiscal_year = 2026, .started = now};
    failed.owner = "x";
    const int64_t job = vault_.catalogue().StartJob(failed);
    vault_.catalogue().FinishJob(job, {.state = JobState::kFailed, .ended = now, .error_kind = "transient"});
  }
  const auto count = [&] { return vault_.catalogue().ListJobs({}, SIZE_MAX).size(); };
  vault_.clock.Advance(400 * 24h - 1h);
  ForgetHistory(vault_.catalogue(), vault_.config, vault_.clock.Now());
  EXPECT_EQ(count(), 1006U);
  // So many at a time; on a day on which nothing was left no more are looked for.
  vault_.clock.Advance(48h);
  for (const size_t left : {6U, 2U, 2U}) {
    ForgetHistory(vault_.catalogue(), vault_.config, vault_.clock.Now());
    EXPECT_EQ(count(), left);
  }
}

}  // namespace
}  // namespace cofre::service
