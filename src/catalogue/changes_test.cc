#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "catalogue/catalogue_test_suite.h"

namespace cofre::catalogue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const TimePoint kNight = ParseTime("2026-11-24T06:00:00Z").value();
const std::string kSnapshot(64, 'a');

class ChangesTest : public CatalogueSuite {
 protected:
  ChangesTest() {
    catalogue_->AddServer({.name = "a"});
    for (const char* id : {"11111", "22222"}) {
      catalogue_->AddCompany({.id = id, .name = "x", .server = "a"});
      catalogue_->AddDatabase({.company = id, .fiscal_year = 2026, .path = "/x"}, kNight);
    }
  }

  Backup NewBackup() {
    Backup backup{.snapshot_id = kSnapshot, .company = "11111", .fiscal_year = 2026, .time = kNight, .path = "/x"};
    return backup;
  }
  void EndABackup() {
    catalogue_->EnqueueJob({.company = "11111", .fiscal_year = 2026, .queued = kNight});
    const auto job = catalogue_->ClaimJob({.owner = "me", .now = kNight, .lease_until = kNight});
    catalogue_->FinishJob(job->id, {.ended = kNight}, job->token);
  }
  // The companies that are said to have changed by it.
  std::vector<std::string> ChangedBy(const std::function<void()>& change) {
    const int64_t before = catalogue_->ChangesVersion();
    change();
    return catalogue_->ListCompanyChanges(before).companies;
  }
};

TEST_P(ChangesTest, WhatAPlanIsMadeOfIsToldWhenItChanges) {
  const std::vector<std::pair<const char*, std::function<void()>>> changes = {
      {"company set", [&] { catalogue_->UpdateCompany({.id = "11111", .name = "y", .server = "a"}); }},
      {"database added",
       [&] { catalogue_->AddDatabase({.company = "11111", .fiscal_year = 2025, .path = "/y"}, kNight); }},
      {"database set", [&] { catalogue_->UpdateDatabase({.company = "11111", .fiscal_year = 2025, .path = "/z"}); }},
      {"database removed", [&] { catalogue_->RemoveDatabase("11111", 2025, Contents::kRefuse); }},
      {"state of the company", [&] { catalogue_->PutCompanyState({.company = "11111", .pruned_at = kNight}); }},
      {"backup ended", [&] { EndABackup(); }},
      {"backup added", [&] { catalogue_->AddBackup(NewBackup()); }},
      {"drill", [&] { catalogue_->MarkDrilled(kSnapshot, kNight, ""); }},
      {"backup removed", [&] { catalogue_->RemoveBackup(kSnapshot); }},
      {"company removed", [&] { catalogue_->RemoveCompany("11111", Contents::kForget); }},
      {"company added", [&] { catalogue_->AddCompany({.id = "11111", .name = "x", .server = "a"}); }},
  };
  for (const auto& [what, change] : changes) EXPECT_THAT(ChangedBy(change), ElementsAre("11111")) << what;
}

TEST_P(ChangesTest, AnInterruptedBackupIsOne) {
  catalogue_->StartJob({.company = "22222", .fiscal_year = 2026, .started = kNight, .owner = "gone"});
  EXPECT_THAT(ChangedBy([&] { catalogue_->MarkRunningJobsInterrupted([](const auto&) { return false; }, kNight); }),
              ElementsAre("22222"));
}

TEST_P(ChangesTest, WhatALookWritesItselfIsNone) {
  EXPECT_THAT(ChangedBy([&] {
                catalogue_->PutDatabaseChange({.company = "11111", .fiscal_year = 2026, .fingerprint = 7});
                catalogue_->PutDatabaseSighting({.company = "11111", .fiscal_year = 2026, .seen_at = kNight});
                catalogue_->EnqueueJob({.company = "11111", .fiscal_year = 2026, .queued = kNight});
              }),
              IsEmpty());
}

TEST_P(ChangesTest, EachCompanyIsToldOnceUpToTheNewestVersion) {
  const int64_t before = catalogue_->ChangesVersion();
  for (const char* id : {"11111", "22222", "11111"}) {
    catalogue_->UpdateCompany({.id = id, .name = "y", .server = "a"});
  }
  const CompanyChanges changes = catalogue_->ListCompanyChanges(before);
  EXPECT_THAT(changes.companies, UnorderedElementsAre("11111", "22222"));
  EXPECT_EQ(changes.version, catalogue_->ChangesVersion());
  EXPECT_THAT(catalogue_->ListCompanyChanges(changes.version).companies, IsEmpty());
}

TEST_P(ChangesTest, AReaderSeesOneMomentAndKeepsNobodyFromWriting) {
  const std::unique_ptr<Catalogue> other = Catalogue::Open(place_->Url());
  Transaction moment(*catalogue_, Access::kRead);
  const size_t before = catalogue_->ListCompanies().size();
  other->AddCompany({.id = "33333", .name = "x", .server = "a"});
  EXPECT_EQ(catalogue_->ListCompanies().size(), before);
  moment.Commit();
}

COFRE_ON_EVERY_ENGINE(ChangesTest);

}  // namespace
}  // namespace cofre::catalogue
