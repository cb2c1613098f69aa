#include "engine/verify_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/company_lock.h"
#include "engine/reconcile.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class VerifyJobTest : public ::testing::Test, protected EngineFixture {
 protected:
  VerifyJobTest() { backup_ = BackUp().backup; }

  std::string SnapshotKey() const { return "srv1/900869750/snapshots/" + backup_.snapshot_id; }

  Backup backup_;
};

TEST_F(VerifyJobTest, ReadingEverythingMarksTheBackupsAsVerified) {
  const VerifyOutcome quick = RunVerify(context, kCompany, {.read_data = false}, {});
  EXPECT_TRUE(quick.ok());
  EXPECT_EQ(Backups()[0].verified_at, std::nullopt);

  const VerifyOutcome full = RunVerify(context, kCompany, {.read_data = true}, {});
  EXPECT_TRUE(full.ok());
  EXPECT_GE(full.report.bytes_read, 200'000U);
  EXPECT_EQ(Backups()[0].verified_at, clock.Now());
  EXPECT_EQ(LastJob().kind, JobKind::kVerify);
  EXPECT_EQ(LastJob().state, JobState::kDone);
}

TEST_F(VerifyJobTest, DamageIsReportedAndMarksNothing) {
  const auto pack = storage::ListAll(*memory, "srv1/900869750/data/", {}).at(0);
  Bytes body = memory->Get(pack.key, pack.size, {});
  body[body.size() / 2] ^= 1;
  memory->Put(pack.key, body, std::nullopt, {});

  const VerifyOutcome outcome = RunVerify(context, kCompany, {.read_data = true}, {});
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(Backups()[0].verified_at, std::nullopt);
  EXPECT_EQ(LastJob().state, JobState::kFailed);
  EXPECT_EQ(LastJob().error_kind, "corrupt");
}

TEST_F(VerifyJobTest, ABackupThatIsOnlyInTheCatalogueIsMissing) {
  memory->Delete(SnapshotKey(), {});
  const VerifyOutcome outcome = RunVerify(context, kCompany, {.read_data = false}, {});
  EXPECT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.missing, ElementsAre(backup_));
  EXPECT_THAT(LastJob().message, HasSubstr(backup_.snapshot_id));
}

TEST_F(VerifyJobTest, ABackupThatIsOnlyInTheRepositoryIsUnknownAndNoDamage) {
  catalogue->RemoveBackup(backup_.snapshot_id);
  const VerifyOutcome outcome = RunVerify(context, kCompany, {.read_data = false}, {});
  EXPECT_TRUE(outcome.ok());
  EXPECT_THAT(outcome.unknown, ElementsAre(Field(&Backup::snapshot_id, backup_.snapshot_id)));
}

TEST_F(VerifyJobTest, ACompanyWithoutARepositoryIsNotFound) {
  AddCompany("800111222");
  EXPECT_ERROR(RunVerify(context, "800111222", {.read_data = false}, {}), ErrorKind::kNotFound, HasSubstr("800111222"));
}

TEST_F(VerifyJobTest, DoubtIsEndedForWhoeverShowsTheCatalogue) {
  catalogue->RemoveBackup(backup_.snapshot_id);
  CompanyLock(context.lock_folder, kCompany, "backup", clock.Now()).BeginDoubt();
  ReconcileDoubtful(context, {});
  EXPECT_THAT(Backups(), ElementsAre(Field(&Backup::snapshot_id, backup_.snapshot_id)));
  EXPECT_THAT(CompaniesInDoubt(context.lock_folder), IsEmpty());
}

TEST_F(VerifyJobTest, DoubtStaysWhileTheStoreDoesNotAnswer) {
  CompanyLock(context.lock_folder, kCompany, "backup", clock.Now()).BeginDoubt();
  Restart();
  store->SetScript([](const test::FaultyStore::Call&) { return test::FaultyStore::Fault::kError; });
  EXPECT_NO_THROW(ReconcileDoubtful(context, {}));
  EXPECT_THAT(CompaniesInDoubt(context.lock_folder), ElementsAre(kCompany));
}

TEST_F(VerifyJobTest, DoubtAboutACompanyThatIsGoneOrNeverBegunEnds) {
  AddCompany("800111222");
  CompanyLock(context.lock_folder, "800111222", "backup", clock.Now()).BeginDoubt();
  CompanyLock(context.lock_folder, "700000000", "backup", clock.Now()).BeginDoubt();
  ReconcileDoubtful(context, {});
  EXPECT_THAT(CompaniesInDoubt(context.lock_folder), IsEmpty());
}

}  // namespace
}  // namespace cofre::engine
