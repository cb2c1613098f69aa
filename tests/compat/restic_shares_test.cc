// Cofre and the installed restic at work on one repository: what Cofre initialises restic uses, and each respects the
// other's locks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "repository/check.h"
#include "repository/locks/lock.h"
#include "repository/prune.h"
#include "repository/restore.h"
#include "tests/support/expect_error.h"
#include "tests/support/manual_clock.h"
#include "tests/support/restic_place.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::PlaceKind;
using test::RestoreText;
using test::StoreSnapshot;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPassword[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

class ResticSharesTest : public testing::TestWithParam<PlaceKind> {
 protected:
  void SetUp() override {
    if (GetParam() == PlaceKind::kS3) COFRE_REQUIRE_SERVER("COFRE_TEST_S3_ENDPOINT");
    place_ = std::make_unique<test::ResticPlace>(GetParam(), kPassword);
    Repository::Initialize(*place_->store(), Secret(kPassword), SystemEnvironment(), {});
    repository_ = Repository::Open(place_->store(), Secret(kPassword), SystemEnvironment(), {});
  }

  const test::Restic& Restic() { return place_->restic(); }

  // restic writes a local file under another name first.
  size_t Locks() {
    size_t locks = 0;
    for (const storage::ObjectInfo& object : storage::ListAll(*place_->store(), "locks/", {})) {
      if (IdOfKey(FileKind::kLock, object.key)) ++locks;
    }
    return locks;
  }

  bool WaitForLock() {
    for (int i = 0; i < 6000 && Locks() == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return Locks() > 0;
  }

  // restic check, killed once it holds its exclusive lock.
  void LeaveExclusiveLock() {
    // Something to check, so that it takes a while.
    StoreSnapshot(repository_->state(), "/a", {test::NoiseText(1000, 1)});
    const auto check = Restic().Start({"check", "--read-data"}, io::Input::kNone);
    ASSERT_TRUE(WaitForLock());
    ASSERT_EQ(kill(check->pid(), SIGKILL), 0);
    check->Wait();
    ASSERT_EQ(Locks(), 1u) << "restic had ended before it was killed";
  }

  std::unique_ptr<test::ResticPlace> place_;
  std::unique_ptr<Repository> repository_;
};

TEST_P(ResticSharesTest, ANewRepositoryIsOneForRestic) {
  Restic().Must({"check"});
  EXPECT_THAT(Restic().Must({"snapshots"}), Not(HasSubstr("fbk")));
  EXPECT_THAT(Restic().Must({"cat", "config"}), HasSubstr(repository_->config().id));
  // Its chunker takes the polynomial.
  const std::string dump = test::NoiseText(5'000'000, 1);
  Restic().Must({"backup", "--stdin", "--stdin-filename", "db.fbk"}, dump);
  EXPECT_TRUE(RestoreText(*repository_, repository_->ListSnapshots({}).at(0)) == dump);
}

TEST_P(ResticSharesTest, OurSmallObjectsDisturbNoRestic) {
  repository_->WriteExtra("company", AsBytes("{}"), {});
  StoreSnapshot(repository_->state(), "/900869750/2025/CONTAB.fbk", {"one", "two"});
  Restic().Must({"check", "--read-data"});
  Restic().Must({"prune"});
  EXPECT_TRUE(repository_->ReadExtra("company", {}));
}

TEST_P(ResticSharesTest, SnapshotsWrittenByHandPassItsChecks) {
  std::vector<std::string> pieces;
  for (uint64_t i = 0; i < 30; ++i) pieces.push_back(test::NoiseText(10'000, i));
  const Snapshot snapshot = StoreSnapshot(repository_->state(), "/900869750/2025/CONTAB.fbk", pieces);
  StoreSnapshot(repository_->state(), "/raw", {"not compressed"}, 1, false);
  Restic().Must({"check", "--read-data"});
  Restic().Must({"dump", snapshot.id.Hex(), "/900869750/2025/CONTAB.fbk"});
  const std::string listing = Restic().Must({"ls", "-l", snapshot.id.Hex()});
  EXPECT_THAT(listing, HasSubstr("/900869750/2025/CONTAB.fbk"));
  EXPECT_THAT(listing, HasSubstr("300000"));
  EXPECT_THAT(listing, HasSubstr("1980-01-01"));
}

TEST_P(ResticSharesTest, OurPruneLeavesWhatResticChecks) {
  std::vector<Digest> old;
  std::vector<std::string> pieces(20);
  for (uint64_t day = 0; day < 4; ++day) {
    for (uint64_t i = 0; i < 20; ++i) {
      if (day == 0 || i % 4 == day) pieces[i] = test::NoiseText(5000, day * 100 + i);
    }
    const Snapshot snapshot = StoreSnapshot(repository_->state(), "/900869750/2025/CONTAB.fbk", pieces);
    if (day < 3) old.push_back(snapshot.id);
  }
  ForgetSnapshots(*repository_, old, {});
  EXPECT_GT(Prune(*repository_, {.max_unused = 0}, {}).packs_repacked, 0u);
  Restic().Must({"check", "--read-data"});
  EXPECT_THAT(Restic().Must({"prune", "--dry-run"}), ContainsRegex("total prune: +0 blobs"));
}

TEST_P(ResticSharesTest, OurExclusiveLockKeepsResticOut) {
  const RepositoryLock lock(repository_->state(), LockMode::kExclusive, {});
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"check"}, {"backup", "/etc/hostname"}, {"prune"}}) {
    const io::ProcessEnd end = Restic().Run(command);
    EXPECT_FALSE(end.ok()) << command[0];
    EXPECT_THAT(end.errors, HasSubstr("locked exclusively by PID")) << command[0];
  }
  EXPECT_EQ(Locks(), 1u);
}

TEST_P(ResticSharesTest, OurSharedLockKeepsOnlyExclusiveOnesOut) {
  const RepositoryLock lock(repository_->state(), LockMode::kShared, {});
  EXPECT_THAT(Restic().Run({"check"}).errors, HasSubstr("already locked by PID"));
  Restic().Must({"backup", "/etc/hostname"});
  Restic().Must({"snapshots"});
}

TEST_P(ResticSharesTest, ResticsSharedLockKeepsOurExclusiveOneOut) {
  // A backup lasts as long as its input does.
  const auto backup = Restic().Start({"backup", "--stdin"}, io::Input::kPipe);
  ASSERT_TRUE(WaitForLock());
  EXPECT_ERROR(Check(*repository_, {}, {}), ErrorKind::kTransient, HasSubstr("locked by"));
  EXPECT_ERROR(Prune(*repository_, {}, {}), ErrorKind::kTransient, HasSubstr("locked by"));
  { const RepositoryLock shared(repository_->state(), LockMode::kShared, {}); }
  backup->Write(AsBytes("end"));
  backup->CloseInput();
  EXPECT_TRUE(backup->Wait().ok());
  EXPECT_NO_THROW(Prune(*repository_, {}, {}));
}

TEST_P(ResticSharesTest, ALockThatAKilledResticLeftIsStaleAfterHalfAnHour) {
  LeaveExclusiveLock();
  EXPECT_ERROR(Check(*repository_, {}, {}), ErrorKind::kTransient, HasSubstr("locked exclusively by"));
  test::ManualClock later(SystemClock().Now() + std::chrono::minutes(31));
  Environment environment = SystemEnvironment();
  environment.clock = &later;
  const auto repository = Repository::Open(place_->store(), Secret(kPassword), environment, {});
  EXPECT_THAT(Check(*repository, {}, {}).problems, IsEmpty());
  EXPECT_EQ(Locks(), 0u);
}

TEST_P(ResticSharesTest, ResticRemovesNoLockOfAProcessOfOursThatRuns) {
  const RepositoryLock lock(repository_->state(), LockMode::kExclusive, {});
  Restic().Must({"unlock"});
  EXPECT_EQ(Locks(), 1u) << "and no SIGHUP has ended this test";
}

INSTANTIATE_TEST_SUITE_P(Places, ResticSharesTest, testing::Values(PlaceKind::kLocal, PlaceKind::kS3), test::PlaceName);

}  // namespace
}  // namespace cofre::repository
