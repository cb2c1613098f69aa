#include "engine/company_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/reconcile.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using ::testing::HasSubstr;

class CompanyStateTest : public ::testing::Test, protected EngineFixture {
 protected:
  void LoseClaim() {
    context.require_claim = [] { throw Error(ErrorKind::kTransient, "the job is no longer this process's"); };
  }
  CompanyLock Lock() { return {folder.File("locks"), kCompany, "backup of 2026", clock.Now()}; }
  bool IsInDoubt() {
    const auto state = catalogue->FindCompanyState(kCompany);
    return state && state->doubt_since;
  }
  // As another node does for a job that was taken over.
  void NoteDoubtElsewhere() {
    UpdateCompanyState(context, kCompany, [&](CompanyState& state) { state.doubt_since = clock.Now(); });
  }
};

TEST_F(CompanyStateTest, ADoubtEndsWithTheJobThatFoundNone) {
  NoteDoubtElsewhere();
  const CompanyLock lock = Lock();
  NoteDoubt(context, kCompany, lock);
  EXPECT_FALSE(IsInDoubt());
}

TEST_F(CompanyStateTest, AJobThatWasTakenOverEndsNoDoubtOfAnother) {
  NoteDoubtElsewhere();
  LoseClaim();
  const CompanyLock lock = Lock();
  NoteDoubt(context, kCompany, lock);
  EXPECT_TRUE(IsInDoubt());
}

TEST_F(CompanyStateTest, AJobThatWasTakenOverTellsOfItsOwnDoubt) {
  LoseClaim();
  CompanyLock lock = Lock();
  lock.BeginDoubt();
  NoteDoubt(context, kCompany, lock);
  EXPECT_TRUE(IsInDoubt());
}

TEST_F(CompanyStateTest, ADoubtThatTheCatalogueDoesNotTakeGoesIntoTheKeptRow) {
  KeptRow row;
  context.row = &row;
  CompanyLock lock = Lock();
  lock.BeginDoubt();
  {
    catalogue::Transaction outer(*catalogue);
    { const catalogue::Transaction given_up(*catalogue); }
    NoteDoubt(context, kCompany, lock);  // takes nothing any more
  }
  EXPECT_FALSE(IsInDoubt());
  EXPECT_EQ(row.doubt_since, clock.Now());
}

TEST_F(CompanyStateTest, AJobThatWasTakenOverReconcilesNothing) {
  const BackupOutcome made = BackUp();
  catalogue->RemoveBackup(made.backup.snapshot_id);
  LoseClaim();
  const CompanyRepositories::Lease open = repositories->Open("srv1/900869750", {});
  EXPECT_ERROR(Reconcile(context, *open, catalogue->GetCompany(kCompany), {}), ErrorKind::kTransient,
               HasSubstr("no longer"));
  EXPECT_TRUE(Backups().empty());
}

}  // namespace
}  // namespace cofre::engine
