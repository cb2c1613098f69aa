#include "engine/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/drill_job.h"
#include "engine/purge_job.h"
#include "engine/verify_job.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kOther = "800111222";

class RebuildTest : public ::testing::Test, protected EngineFixture {
 protected:
  RebuildTest() {
    AddCompany(kOther);
    BackUp();
    clock.Advance(24h);
    ChangeDump(2);
    RunBackup(context, {.company = kCompany, .fiscal_year = 2026, .pinned_until = clock.Now() + 24h * 30}, nullptr, {});
    BackUp(2026, kOther);
  }

  // A new machine: the bucket, the master key, an empty catalogue.
  RebuildReport RebuildFromNothing() {
    old_ = std::move(catalogue);
    OpenCatalogue("new.db");
    Restart();
    return RebuildCatalogue(context, nullptr, {});
  }

  std::unique_ptr<catalogue::Catalogue> old_;
};

TEST_F(RebuildTest, TheNewCatalogueIsTheOldOne) {
  clock.Advance(1h);
  RunVerify(context, kCompany, {.read_data = true}, {});
  clock.Advance(1h);
  RunDrill(context, kCompany, 2026, folder.File("scratch"), nullptr, {});
  dumps[{kOther, 2026}].restore_error = Error(ErrorKind::kCorrupt, "gfix found errors");
  RunDrill(context, kOther, 2026, folder.File("scratch"), nullptr, {});
  const RebuildReport report = RebuildFromNothing();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_EQ(report.repositories, 2U);
  EXPECT_EQ(report.companies, 2U);
  EXPECT_EQ(report.backups, 3U);
  EXPECT_EQ(catalogue->ListServers(), old_->ListServers());
  EXPECT_EQ(catalogue->ListCompanies(), old_->ListCompanies());
  EXPECT_EQ(catalogue->ListDatabases(), old_->ListDatabases());
  EXPECT_EQ(catalogue->ListBackups(), old_->ListBackups());
  ASSERT_THAT(Backups(), SizeIs(2));
  EXPECT_TRUE(Backups()[0].pinned_until.has_value());
  EXPECT_TRUE(Backups()[0].verified_at.has_value());
  EXPECT_TRUE(Backups()[0].drilled_at.has_value());
  EXPECT_THAT(Backups(kOther).at(0).drill_problem, HasSubstr("gfix found errors"));
}

TEST_F(RebuildTest, ADatabaseIsKnownSinceItsOldestBackupOrElseSinceNow) {
  catalogue->AddDatabase({.company = kCompany, .fiscal_year = 2027, .path = "/data/NEW.FDB"}, clock.Now());
  ChangeDump(3);
  BackUp();
  const TimePoint oldest = Backups().back().time;
  clock.Advance(1h);
  RebuildFromNothing();
  const auto states = catalogue->ListDatabaseStates();
  ASSERT_THAT(states, SizeIs(3));  // the other company's is the first
  EXPECT_EQ(states[1].known_since, oldest);
  EXPECT_EQ(states[2].known_since, clock.Now());
}

TEST_F(RebuildTest, ARepeatChangesNothing) {
  RebuildFromNothing();
  const auto before = catalogue->ListBackups();
  const RebuildReport again = RebuildCatalogue(context, nullptr, {});
  EXPECT_EQ(again.servers + again.companies + again.databases + again.backups + again.removed_backups, 0U);
  EXPECT_EQ(catalogue->ListBackups(), before);
}

TEST_F(RebuildTest, WithoutAManifestPathsAndTagsSayEnough) {
  memory->Delete("srv1/900869750/cofre/manifest", {});
  const RebuildReport report = RebuildFromNothing();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_FALSE(report.notes.empty());
  EXPECT_EQ(catalogue->GetCompany(kCompany).repository, "srv1/900869750");
  EXPECT_EQ(Backups(), old_->ListBackups({.company = kCompany}));
  const Database database = catalogue->GetDatabase(kCompany, 2026);
  EXPECT_EQ(database.average_blob_bytes, old_->GetDatabase(kCompany, 2026).average_blob_bytes);
}

TEST_F(RebuildTest, ADamagedManifestIsSaidAndTheRestIsThere) {
  memory->Put("srv1/900869750/cofre/manifest", AsBytes("rubbish"), std::nullopt, {});
  const RebuildReport report = RebuildFromNothing();
  EXPECT_THAT(report.notes, ::testing::Contains(::testing::Field(&RebuildNote::message, HasSubstr("manifest"))));
  EXPECT_EQ(Backups(), old_->ListBackups({.company = kCompany}));
}

TEST_F(RebuildTest, AnUnreadableRepositoryIsReportedAndTheOthersGoOn) {
  memory->Delete("srv1/900869750/config", {});
  const RebuildReport report = RebuildFromNothing();
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_EQ(report.problems[0].repository, "srv1/900869750");
  EXPECT_THAT(catalogue->ListCompanies(), SizeIs(1));
  EXPECT_THAT(Backups(kOther), SizeIs(1));
}

TEST_F(RebuildTest, AnotherMasterKeyOpensNothingAndSaysSo) {
  master_key = MasterKey::Generate(SystemRandom());
  const RebuildReport report = RebuildFromNothing();
  EXPECT_THAT(report.problems, SizeIs(2));
  EXPECT_THAT(catalogue->ListCompanies(), IsEmpty());
}

TEST_F(RebuildTest, OtherFoldersInTheBucketAreNoneOfOurs) {
  memory->Put("cofre-check-1/x", AsBytes("x"), std::nullopt, {});
  memory->Put("Photos/2020/a.jpg", AsBytes("x"), std::nullopt, {});
  memory->Put("srv1/notes/a", AsBytes("x"), std::nullopt, {});
  memory->Put("readme", AsBytes("x"), std::nullopt, {});
  const RebuildReport report = RebuildFromNothing();
  EXPECT_EQ(report.repositories, 2U);
  EXPECT_THAT(report.problems, IsEmpty());
}

TEST_F(RebuildTest, WhatIsRegisteredStaysAndBackupsFollowTheBucket) {
  Company company = catalogue->GetCompany(kCompany);
  company.name = "Nuevo nombre";
  catalogue->UpdateCompany(company);
  memory->Delete("srv1/900869750/snapshots/" + Backups()[1].snapshot_id, {});
  Restart();
  const RebuildReport report = RebuildCatalogue(context, nullptr, {});
  EXPECT_EQ(report.removed_backups, 1U);
  EXPECT_EQ(catalogue->GetCompany(kCompany).name, "Nuevo nombre");
  ExpectSound();
}

TEST_F(RebuildTest, AStoreThatCannotBeListedIsAnErrorNotAnEmptyCatalogue) {
  store->FailNth(1, test::FaultyStore::Fault::kError);
  EXPECT_ERROR(RebuildCatalogue(context, nullptr, {}), ErrorKind::kTransient, ::testing::_);
}

TEST_F(RebuildTest, APurgeTakesOneCompanyAloneAlsoWithASiblingOfTheSameBeginning) {
  AddCompany("9008697501");
  BackUp(2026, "9008697501");
  const Company company = catalogue->GetCompany(kCompany);
  EXPECT_GT(PurgeRepository(context, company, {}), 200'000U);
  EXPECT_THAT(storage::ListAll(*memory, "srv1/900869750/", {}), IsEmpty());
  catalogue->RemoveCompany(kCompany, catalogue::Contents::kForget);
  const RebuildReport report = RebuildFromNothing();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.repositories, 2U);
  EXPECT_THAT(Backups("9008697501"), SizeIs(1));
}

}  // namespace
}  // namespace cofre::engine
