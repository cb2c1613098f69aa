#include "service/fleet_mirror.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"
#include "tests/support/temporary_folder.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = ParseTime("2026-11-24T06:00:00Z").value();  // 01:00 in Bogota

class FleetMirrorTest : public ::testing::Test {
 protected:
  FleetMirrorTest() : catalogue_(catalogue::Catalogue::OpenOrCreate(folder_.File("catalogo.db"))) {
    config_.time_zone = "America/Bogota";
    catalogue_->AddServer({.name = "srv1", .max_concurrent = 3});
    for (int i = 0; i < 8; ++i) AddCompany(std::to_string(10000 + i));
  }

  void AddCompany(const std::string& id) {
    catalogue_->AddCompany({.id = id, .name = "x", .server = "srv1"});
    catalogue_->AddDatabase({.company = id, .fiscal_year = 2026, .path = "/x"}, now_);
  }
  void Refresh() { mirror_.Refresh(*catalogue_, config_, now_); }

  // Something that an operator or a job does, by chance.
  void DoSomething() {
    const std::string id = std::to_string(10000 + random_.Below(8));
    const int year = 2024 + static_cast<int>(random_.Below(3));
    const bool known = catalogue_->FindCompany(id).has_value();
    const auto databases = catalogue_->ListDatabases({.company = id});
    const bool has_year = std::ranges::any_of(databases, [&](const Database& it) { return it.fiscal_year == year; });
    switch (random_.Below(8)) {
      case 0:
        if (known) return catalogue_->RemoveCompany(id, catalogue::Contents::kForget);
        return AddCompany(id);
      case 1:
        if (known)
          catalogue_->UpdateCompany({.id = id, .name = "y", .server = "srv1", .enabled = random_.Below(2) == 0});
        return;
      case 2:
        if (has_year) return catalogue_->RemoveDatabase(id, year, catalogue::Contents::kForget);
        if (known)
          catalogue_->AddDatabase({.company = id, .fiscal_year = year, .path = "/x"}, now_ + 1h * random_.Below(5));
        return;
      case 3: {
        if (!has_year) return;
        std::string snapshot = fmt::format("{:064x}", ++snapshots_);
        const TimePoint time = now_ + 1h * random_.Below(5) - 2h;
        return catalogue_->AddBackup(
            {.snapshot_id = snapshot, .company = id, .fiscal_year = year, .time = time, .path = "/x"});
      }
      case 4:
        if (has_year) catalogue_->EnqueueJob({.company = id, .fiscal_year = year, .queued = now_});
        return;
      case 5: {
        const auto job = catalogue_->ClaimJob({.owner = "me", .now = now_, .lease_until = now_});
        if (job && random_.Below(2) == 0) catalogue_->FinishJob(job->id, {.ended = now_}, job->token);
        return;
      }
      case 6:
        return catalogue_->UpdateServer(
            {.name = "srv1", .max_concurrent = 1 + static_cast<uint32_t>(random_.Below(4))});
      default:
        now_ += 1min * random_.Below(120);
    }
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<catalogue::Catalogue> catalogue_;
  Config config_;
  TimePoint now_ = kNow;
  SeededRandom random_{7};
  FleetMirror mirror_;
  int snapshots_ = 0;
};

TEST_F(FleetMirrorTest, WhateverHappensItIsAsTheCatalogue) {
  for (int i = 0; i < 300; ++i) {
    DoSomething();
    Refresh();
    // As LookAround does; without that each Refresh finds them anew.
    for (const DatabaseState& state : mirror_.operator_changes()) catalogue_->PutDatabaseChange(state);
    const FleetState expected = ReadFleet(*catalogue_, config_, now_);
    ASSERT_EQ(mirror_.state().companies, expected.companies) << "after " << i;
    ASSERT_EQ(mirror_.state().fleet.companies, expected.fleet.companies) << "after " << i;
    ASSERT_EQ(mirror_.state().fleet.databases, expected.fleet.databases) << "after " << i;
    ASSERT_EQ(mirror_.state().fleet.jobs, expected.fleet.jobs) << "after " << i;
  }
}

TEST_F(FleetMirrorTest, AChangeOfTheOperatorIsToldOnce) {
  Refresh();
  EXPECT_EQ(mirror_.operator_changes().size(), 8U);
  for (const DatabaseState& state : mirror_.operator_changes()) catalogue_->PutDatabaseChange(state);
  catalogue_->UpdateDatabase({.company = "10003", .fiscal_year = 2026, .path = "/y"});
  Refresh();
  ASSERT_EQ(mirror_.operator_changes().size(), 1U);
  EXPECT_EQ(mirror_.operator_changes()[0].company, "10003");
  EXPECT_EQ(mirror_.operator_changes()[0].changed_at, now_);
  catalogue_->PutDatabaseChange(mirror_.operator_changes()[0]);
  Refresh();
  EXPECT_TRUE(mirror_.operator_changes().empty());
}

TEST_F(FleetMirrorTest, AServersChangeIsOneOfAllItsDatabases) {
  Refresh();
  for (const DatabaseState& state : mirror_.operator_changes()) catalogue_->PutDatabaseChange(state);
  catalogue_->UpdateServer({.name = "srv1", .host = "elsewhere"});
  Refresh();
  EXPECT_EQ(mirror_.operator_changes().size(), 8U);
}

}  // namespace
}  // namespace cofre::service
