#include "engine/backup_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "engine/company_lock.h"
#include "storage/prefix_store.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/expect_error.h"

namespace cofre::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BackupJobTest : public ::testing::Test, protected EngineFixture {};

TEST_F(BackupJobTest, ABackupIsInTheCatalogueAndComesBack) {
  const BackupOutcome outcome = BackUp();
  EXPECT_THAT(Backups(), ElementsAre(outcome.backup));
  EXPECT_EQ(outcome.backup.dump_bytes, 200'000U);
  EXPECT_EQ(outcome.backup.path, "/900869750/2026/CONTAB.fbk");
  EXPECT_TRUE(Restored(outcome.backup) == test::Noise(200'000, 1));
  EXPECT_EQ(LastJob().state, JobState::kDone);
  EXPECT_EQ(LastJob().bytes, 200'000U);
  ExpectSound();
}

TEST_F(BackupJobTest, TheSnapshotSaysWhatItIs) {
  RunBackup(
      context,
      {.company = kCompany, .fiscal_year = 2026, .reason = JobReason::kScheduled, .pinned_until = clock.Now() + 24h},
      nullptr, {});
  const auto snapshot = OpenDirectly()->ListSnapshots({}).at(0);
  EXPECT_EQ(snapshot.hostname, "srv1");
  EXPECT_THAT(snapshot.tags, ElementsAre("year=2026", "engine=firebird", "kind=scheduled", HasSubstr("blob="),
                                         "pinned=2026-11-25T17:00:00Z"));
  EXPECT_EQ(Backups().at(0).pinned_until, clock.Now() + 24h);
}

TEST_F(BackupJobTest, WhoHasLostHisClaimRecordsNothing) {
  context.require_claim = [] { throw Error(ErrorKind::kTransient, "the claim is lost"); };
  EXPECT_ERROR(BackUp(), ErrorKind::kTransient, HasSubstr("the claim is lost"));
  EXPECT_THAT(Backups(), IsEmpty());
  // Who has the company now finds it in the store.
  context.require_claim = [] {};
  ChangeDump(2);
  BackUp();
  ExpectSound();
}

TEST_F(BackupJobTest, WhoLosesHisClaimAfterwardsRemovesNothing) {
  BackUp();
  ChangeDump(2);
  int asked = 0;
  context.require_claim = [&] {
    if (++asked > 1) throw Error(ErrorKind::kTransient, "the claim is lost");
  };
  BackUp();
  EXPECT_THAT(Backups(), SizeIs(2));
  ExpectSound();
}

TEST_F(BackupJobTest, TheBlobSizeIsChosenOnceAndKept) {
  BackUp();
  const uint32_t chosen = catalogue->GetDatabase(kCompany, 2026).average_blob_bytes;
  EXPECT_NE(chosen, 0U);
  ChangeDump(2);
  BackUp();
  EXPECT_EQ(catalogue->GetDatabase(kCompany, 2026).average_blob_bytes, chosen);
}

TEST_F(BackupJobTest, WhereTheSourceKnowsNoSizeTheDumpsOwnDecidesHowItIsCut) {
  dumps[{kCompany, 2026}].probed_bytes.reset();
  const BackupOutcome small = BackUp();
  EXPECT_EQ(catalogue->GetDatabase(kCompany, 2026).average_blob_bytes, repository::ChooseAverageBlobBytes(200'000));
  EXPECT_TRUE(Restored(small.backup) == test::Noise(200'000, 1));

  catalogue->AddDatabase({.company = kCompany, .fiscal_year = 2025, .path = "/data/OLD.FDB"}, clock.Now());
  constexpr size_t kMoreThanIsReadAhead = size_t{9} * 1024 * 1024;
  dumps[{kCompany, 2025}] = {.content = test::Noise(kMoreThanIsReadAhead, 3), .probed_bytes = std::nullopt};
  const BackupOutcome large = BackUp(2025);
  EXPECT_EQ(catalogue->GetDatabase(kCompany, 2025).average_blob_bytes, repository::ChooseAverageBlobBytes(0));
  EXPECT_TRUE(Restored(large.backup) == test::Noise(kMoreThanIsReadAhead, 3));
}

TEST_F(BackupJobTest, ABackupIsOfTheTimeWhenItsDumpBegan) {
  const TimePoint begin = clock.Now();
  dumps[{kCompany, 2026}].probed_bytes.reset();  // so that it is read ahead
  dumps[{kCompany, 2026}].on_end = [&] { clock.Advance(1min); };
  EXPECT_EQ(BackUp().backup.time, begin);
  ChangeDump(2);
  EXPECT_EQ(BackUp().backup.time, begin + 1min);
}

TEST_F(BackupJobTest, AnUnknownCompanyOrYearStartsNoJob) {
  EXPECT_ERROR(BackUp(2026, "999999999"), ErrorKind::kNotFound, HasSubstr("999999999"));
  EXPECT_ERROR(BackUp(2020), ErrorKind::kNotFound, HasSubstr("2020"));
  EXPECT_THAT(catalogue->ListJobs({}, 10), IsEmpty());
}

TEST_F(BackupJobTest, ADumpThatFailsHalfWayIsNoBackup) {
  dumps[{kCompany, 2026}].error = Error(ErrorKind::kTransient, "the server went away", "start it");
  EXPECT_ERROR(BackUp(), ErrorKind::kTransient, HasSubstr("the server went away"));
  EXPECT_THAT(Backups(), IsEmpty());
  EXPECT_EQ(CountSnapshots(), 0U);
  const Job job = LastJob();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.error_kind, "transient");
  EXPECT_THAT(job.message, AllOf(HasSubstr("the server went away"), HasSubstr("start it")));
  ExpectSound();

  dumps[{kCompany, 2026}].error.reset();
  BackUp();
  EXPECT_THAT(Backups(), SizeIs(1));
  ExpectSound();
}

TEST_F(BackupJobTest, ACancelledOneIsNoFailureAndNoBackup) {
  std::stop_source stop;
  dumps[{kCompany, 2026}].on_end = [&] { stop.request_stop(); };
  // However the dump ends once it was told to.
  EXPECT_ERROR(BackUp(2026, kCompany, stop.get_token()), ErrorKind::kCancelled, HasSubstr("cancelled"));
  EXPECT_EQ(LastJob().state, JobState::kInterrupted);
  EXPECT_THAT(Backups(), IsEmpty());
  ExpectSound();
}

TEST_F(BackupJobTest, ACompanyThatIsBusyIsLeftAlone) {
  const CompanyLock held(context.lock_folder, kCompany, "prune", clock.Now());
  EXPECT_ERROR(BackUp(), ErrorKind::kTransient, HasSubstr("prune"));
  EXPECT_THAT(catalogue->ListJobs({}, 10), IsEmpty());
}

TEST_F(BackupJobTest, ALostRepositoryIsNotReplacedByAFreshOne) {
  BackUp();
  Restart();
  for (const auto& object : storage::ListAll(*memory, "", {})) memory->Delete(object.key, {});
  EXPECT_ERROR(BackUp(), ErrorKind::kNotFound, HasSubstr("the catalogue has 1 backups in it"));
  EXPECT_THAT(storage::ListAll(*memory, "", {}), IsEmpty());
}

TEST_F(BackupJobTest, AnotherMasterKeyIsRefused) {
  BackUp();
  master_key = MasterKey::Generate(SystemRandom());
  Restart();
  EXPECT_ERROR(BackUp(), ErrorKind::kAuth, HasSubstr("srv1/900869750"));
}

// Invariant 2, at every write of the job: whatever is lost, the next job makes catalogue and repository agree.
class BackupCrashTest : public ::testing::TestWithParam<bool>, protected EngineFixture {};

TEST_P(BackupCrashTest, AfterAPowerCutAtAnyWriteTheNextBackupMendsAll) {
  BackUp();
  bool ended_well = false;
  for (uint64_t writes = 0; !ended_well; ++writes) {
    ASSERT_LT(writes, 100U);
    ChangeDump(100 + writes);
    clock.Advance(24h);
    store->CutPowerAfter(writes, GetParam());
    try {
      ended_well = BackUp().warning.empty();
    } catch (const Error&) {
    }
    store->Heal();
    EXPECT_FALSE(Backups().empty());
    Restart();
    // What its process left behind is old by then.
    clock.Advance(1h);
    ChangeDump(500 + writes);
    const BackupOutcome next = BackUp();
    EXPECT_TRUE(Restored(next.backup) == test::Noise(200'000, 500 + writes));
    ExpectSound();
  }
}

INSTANTIATE_TEST_SUITE_P(AnswersLost, BackupCrashTest, ::testing::Bool());

TEST_F(BackupJobTest, ACatalogueThatTakesNothingIsMendedByTheNextJob) {
  // The database goes from the catalogue while its dump runs: the snapshot exists, and AddBackup refuses.
  dumps[{kCompany, 2026}].on_end = [&] { catalogue->RemoveDatabase(kCompany, 2026, catalogue::Contents::kForget); };
  EXPECT_ERROR(BackUp(), ErrorKind::kNotFound, HasSubstr("is complete in the store"));
  EXPECT_THAT(Backups(), IsEmpty());
  EXPECT_EQ(CountSnapshots(), 1U);
  EXPECT_THAT(CompaniesInDoubt(context.lock_folder), ElementsAre(kCompany));

  dumps[{kCompany, 2026}].on_end = nullptr;
  catalogue->AddDatabase({.company = kCompany, .fiscal_year = 2026, .path = "/data/CONTAB.FDB"}, clock.Now());
  ChangeDump(2);
  clock.Advance(24h);
  BackUp();
  EXPECT_THAT(Backups(), SizeIs(2));
  EXPECT_THAT(CompaniesInDoubt(context.lock_folder), IsEmpty());
  ExpectSound();
}

TEST_F(BackupJobTest, IndexFilesAreMergedBeforeTheyGrowMany) {
  for (int day = 0; day < 25; ++day) {
    ChangeDump(day + 2);
    BackUp();
    clock.Advance(24h);
  }
  const std::vector<storage::ObjectInfo> objects = storage::ListAll(*memory, "", {});
  EXPECT_LE(
      std::ranges::count_if(
          objects, [](const storage::ObjectInfo& object) { return object.key.find("/index/") != std::string::npos; }),
      20);
  EXPECT_TRUE(Restored(Backups().at(0)) == test::Noise(200'000, 26));
  ExpectSound();
}

TEST_F(BackupJobTest, ASecondBackupInOneProcessTakesEightRequests) {
  BackUp();
  ChangeDump(2);
  clock.Advance(24h);
  store->ResetCounts();
  BackUp();
  EXPECT_LE(store->CountAll(), 8U);
}

TEST_F(BackupJobTest, SoDoesOneInAProcessOfItsOwnDayAfterDay) {
  BackUp();
  for (uint64_t day = 1; day < 8; ++day) {
    Restart();
    ChangeDump(100 + day);
    clock.Advance(24h);
    store->ResetCounts();
    const BackupOutcome outcome = BackUp();
    EXPECT_LE(store->CountAll(), 8U) << "day " << day;
    EXPECT_EQ(outcome.forgotten.size(), day > 2 ? 1U : 0U);
  }
  ExpectSound();
}

TEST_F(BackupJobTest, ManyCompaniesInAProcessThatOpensEachForTheFirstTimeTakeEightEach) {
  constexpr int kCompanies = 20;  // more than are kept open
  const auto name = [](int number) { return std::to_string(10'000'000 + number); };
  for (int number = 0; number < kCompanies; ++number) {
    AddCompany(name(number));
    BackUp(2026, name(number));
  }
  Restart();
  clock.Advance(24h);
  store->ResetCounts();
  for (int number = 0; number < kCompanies; ++number) {
    dumps[{name(number), 2026}].content = test::Noise(50'000, number);
    BackUp(2026, name(number));
  }
  EXPECT_LE(store->CountAll(), 8U * kCompanies);
}

TEST_F(BackupJobTest, WithoutAFolderForCopiesAllWorks) {
  std::ofstream(folder.File("copies")) << "in the way";
  BackUp();
  Restart();
  clock.Advance(24h);
  ChangeDump(2);
  BackUp();
  EXPECT_THAT(Backups(), SizeIs(2));
  ExpectSound();
}

TEST_F(BackupJobTest, AfterTheLossOfPacksTheNextBackupIsWhole) {
  BackUp();
  for (const auto& object : storage::ListAll(*memory, "", {})) {
    if (object.key.find("/data/") != std::string::npos) memory->Delete(object.key, {});
  }
  clock.Advance(24h);
  EXPECT_TRUE(Restored(BackUp().backup) == test::Noise(200'000, 1));
  ExpectSound();
}

TEST_F(BackupJobTest, ARepositoryThatCameBackFromElsewhereIsOpenedAnew) {
  BackUp();
  // The bucket is lost; an older copy of it is brought back, whose repository was made with the same master key.
  const std::string path = std::string("srv1/") + kCompany;
  for (const auto& object : storage::ListAll(*memory, "", {})) memory->Delete(object.key, {});
  repository::Repository::Initialize(
      *std::make_shared<storage::PrefixStore>(memory, path + "/"), master_key.RepositoryPassword(path),
      {.clock = &clock, .random = &SystemRandom(), .hostname = "x", .process_id = 2}, {});
  Restart();
  clock.Advance(24h);
  const BackupOutcome outcome = BackUp();
  EXPECT_TRUE(Restored(outcome.backup) == test::Noise(200'000, 1));
  EXPECT_EQ(CountSnapshots(), 1U);
}

TEST_F(BackupJobTest, ARepositoryLostUnderARunningProcessIsNamedAsThat) {
  BackUp();
  for (const auto& object : storage::ListAll(*memory, "", {})) memory->Delete(object.key, {});
  EXPECT_ERROR(BackUp(), ErrorKind::kNotFound, HasSubstr("the catalogue has 1 backups in it"));
  EXPECT_THAT(storage::ListAll(*memory, "", {}), IsEmpty());
}

}  // namespace
}  // namespace cofre::engine
