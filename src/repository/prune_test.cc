#include "repository/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repository/check.h"
#include "repository/locks/lock.h"
#include "tests/support/expect_error.h"
#include "tests/support/faulty_store.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::CopyOf;
using test::FaultyStore;
using test::RestoreText;
using test::SmallRepository;
using test::StoreSnapshot;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPath[] = "/900869750/2025/CONTAB.fbk";

// Some days of backups, each changing a few pieces, with what a writer's crash would leave between them.
struct History {
  std::vector<Snapshot> snapshots;
  std::vector<std::string> texts;
};

History WriteHistory(SmallRepository& small, size_t days) {
  small.Initialize();
  const auto repository = small.Open();
  History history;
  std::vector<std::string> pieces;
  for (uint64_t i = 0; i < 40; ++i) pieces.push_back(test::NoiseText(200, i));
  for (size_t day = 0; day < days; ++day) {
    for (size_t i = 0; i < 5; ++i) pieces[(day * 7 + i * 3) % 40] = test::NoiseText(200, 1000 + day * 5 + i);
    history.snapshots.push_back(StoreSnapshot(repository->state(), kPath, pieces, 5));
    history.texts.push_back(test::Join(pieces));
    small.clock.Advance(std::chrono::hours(24));
  }
  test::StorePack(repository->state(), BlobType::kData, {"a pack that no index lists"});
  return history;
}

class PruneTest : public testing::Test {
 protected:
  PruneTest() : store_(std::make_shared<FaultyStore>(std::make_shared<storage::MemoryStore>())), small_(store_) {
    history_ = WriteHistory(small_, 5);
    repository_ = small_.Open();
  }

  std::vector<Digest> Ids(size_t begin, size_t end) {
    std::vector<Digest> ids;
    for (size_t i = begin; i < end; ++i) ids.push_back(history_.snapshots[i].id);
    return ids;
  }

  // Everything from day `begin` on restores, and a full check finds neither damage nor leftovers.
  void ExpectCleanFrom(size_t begin) {
    const auto repository = small_.Open();
    EXPECT_EQ(repository->ListSnapshots({}).size(), history_.snapshots.size() - begin);
    for (size_t i = begin; i < history_.snapshots.size(); ++i) {
      EXPECT_EQ(RestoreText(*repository, history_.snapshots[i]), history_.texts[i]) << i;
    }
    const CheckReport report = Check(*repository, {.read_data = true}, {});
    EXPECT_THAT(report.problems, IsEmpty());
    EXPECT_THAT(report.hints, IsEmpty());
  }

  uint64_t Bytes(const std::string& prefix) {
    uint64_t bytes = 0;
    for (const storage::ObjectInfo& object : storage::ListAll(*store_, prefix, {})) bytes += object.size;
    return bytes;
  }

  std::shared_ptr<FaultyStore> store_;
  SmallRepository small_;
  History history_;
  std::unique_ptr<Repository> repository_;
};

TEST_F(PruneTest, ForgettingDeletesSnapshotsOnly) {
  const uint64_t before = Bytes("data/");
  ForgetSnapshots(*repository_, Ids(0, 3), {});
  ForgetSnapshots(*repository_, Ids(0, 1), {});
  EXPECT_EQ(repository_->ListSnapshots({}).size(), 2u);
  EXPECT_EQ(Bytes("data/"), before);
}

TEST_F(PruneTest, WhatNobodyNeedsGoesAndTheRestRestores) {
  ForgetSnapshots(*repository_, Ids(0, 4), {});
  const uint64_t before = Bytes("data/");
  const PruneReport report = Prune(*repository_, {.max_unused = 0}, {});
  ExpectCleanFrom(4);
  EXPECT_EQ(report.bytes_before, before);
  EXPECT_EQ(report.bytes_after, Bytes("data/"));
  EXPECT_LT(report.bytes_after, before);
  EXPECT_EQ(report.unused_bytes_left, 0u);
  EXPECT_EQ(report.index_files_before, 5u);
  EXPECT_EQ(report.index_files_after, 1u);
  EXPECT_EQ(storage::ListAll(*store_, "index/", {}).size(), 1u);
}

TEST_F(PruneTest, NothingToDoDeletesAndWritesNothing) {
  Prune(*repository_, {.max_unused = 0}, {});
  store_->ResetCounts();
  const PruneReport report = Prune(*repository_, {.max_unused = 0}, {});
  EXPECT_EQ(report.packs_deleted, 0u);
  EXPECT_EQ(store_->Count(FaultyStore::Operation::kPut), 1u) << "more than the lock";
  EXPECT_EQ(store_->Count(FaultyStore::Operation::kDelete) + store_->Count(FaultyStore::Operation::kDeleteMany), 1u);
}

TEST_F(PruneTest, ATrialChangesNothingButForetellsTheOutcome) {
  ForgetSnapshots(*repository_, Ids(0, 4), {});
  const uint64_t before = Bytes("");
  const PruneReport trial = Prune(*repository_, {.max_unused = 0, .dry_run = true}, {});
  EXPECT_EQ(Bytes(""), before);
  const PruneReport report = Prune(*repository_, {.max_unused = 0}, {});
  EXPECT_EQ(trial.packs_deleted, report.packs_deleted);
  EXPECT_EQ(trial.packs_repacked, report.packs_repacked);
}

TEST_F(PruneTest, AnEmptyRepositoryStaysOne) {
  ForgetSnapshots(*repository_, Ids(0, 5), {});
  Prune(*repository_, {}, {});
  EXPECT_EQ(Bytes("data/"), 0u);
  EXPECT_EQ(Bytes("index/"), 0u);
  ExpectCleanFrom(5);
}

TEST_F(PruneTest, AMissingBlobMakesItRefuseAndChangeNothing) {
  ForgetSnapshots(*repository_, Ids(0, 1), {});
  repository_->state().RefreshIndex({});
  const auto location = repository_->state().index.Find(BlobType::kData, Sha256(AsBytes(test::NoiseText(200, 39))));
  ASSERT_TRUE(location);
  store_->Delete(KeyOf(FileKind::kPack, location->pack), {});
  const uint64_t before = Bytes("");
  EXPECT_ERROR(Prune(*repository_, {}, {}), ErrorKind::kCorrupt, HasSubstr("nothing was removed"));
  EXPECT_EQ(Bytes(""), before);
}

TEST_F(PruneTest, AnUnreadableSnapshotMakesItRefuse) {
  store_->Put(KeyOf(FileKind::kSnapshot, history_.snapshots[0].id), AsBytes("junk"), std::nullopt, {});
  const uint64_t before = Bytes("");
  EXPECT_ERROR(Prune(*small_.Open(), {}, {}), ErrorKind::kCorrupt, HasSubstr("snapshots/"));
  EXPECT_EQ(Bytes(""), before);
}

TEST_F(PruneTest, AMissingIndexMakesItRefuse) {
  store_->Delete(storage::ListAll(*store_, "index/", {}).at(0).key, {});
  const uint64_t before = Bytes("");
  EXPECT_ERROR(Prune(*small_.Open(), {}, {}), ErrorKind::kCorrupt, testing::_);
  EXPECT_EQ(Bytes(""), before);
}

TEST_F(PruneTest, ADamagedBlobIsNotMoved) {
  ForgetSnapshots(*repository_, Ids(0, 4), {});
  repository_->state().RefreshIndex({});
  // In a pack of which only some blobs are still needed.
  for (const storage::ObjectInfo& object : storage::ListAll(*store_, "data/", {})) {
    cofre::Bytes bytes = store_->Get(object.key, object.size, {});
    for (size_t at = 20; at < bytes.size(); at += 40) bytes[at] ^= 1;
    if (repository_->state().index.Find(BlobType::kTree, history_.snapshots[4].tree)->pack ==
        IdOfKey(FileKind::kPack, object.key)) {
      continue;
    }
    store_->Put(object.key, bytes, std::nullopt, {});
  }
  const size_t before = storage::ListAll(*store_, "index/", {}).size();
  EXPECT_ERROR(Prune(*repository_, {.max_unused = 0}, {}), ErrorKind::kCorrupt, HasSubstr("data/"));
  EXPECT_EQ(storage::ListAll(*store_, "index/", {}).size(), before);
}

TEST_F(PruneTest, SomebodyElsesLockPutsItOff) {
  small_.environment.process_identity = "host/boot/99/1";
  const auto other = small_.Open();
  const RepositoryLock lock(other->state(), LockMode::kShared, {});
  EXPECT_ERROR(Prune(*repository_, {}, {}), ErrorKind::kTransient, HasSubstr("locked"));
  EXPECT_ERROR(MergeIndexFiles(*repository_, {}), ErrorKind::kTransient, HasSubstr("locked"));
  EXPECT_NO_THROW(ForgetSnapshots(*repository_, Ids(0, 1), {}));
}

TEST_F(PruneTest, NothingIsDeletedWithoutTheLock) {
  ForgetSnapshots(*repository_, Ids(0, 4), {});
  // From the first look at packs on, no lock can be refreshed and time flies.
  std::atomic<bool> lost{false};
  std::atomic<int> deletes{0};
  store_->SetScript([&](const FaultyStore::Call& call) {
    if (call.operation == FaultyStore::Operation::kList && call.key == "data/") {
      lost = true;
      small_.clock.Advance(std::chrono::minutes(25));
    }
    if (lost && call.operation == FaultyStore::Operation::kDeleteMany) ++deletes;
    return lost && call.operation == FaultyStore::Operation::kPut ? FaultyStore::Fault::kError
                                                                  : FaultyStore::Fault::kNone;
  });
  EXPECT_ERROR(Prune(*repository_, {.max_unused = 0}, {}), ErrorKind::kTransient, HasSubstr("counts as lost"));
  EXPECT_EQ(deletes, 0);
}

TEST_F(PruneTest, ManyIndexFilesBecomeOne) {
  EXPECT_TRUE(MergeIndexFiles(*repository_, {}));
  EXPECT_EQ(storage::ListAll(*store_, "index/", {}).size(), 1u);
  EXPECT_FALSE(MergeIndexFiles(*repository_, {}));
  Prune(*repository_, {}, {});
  ExpectCleanFrom(0);
}

TEST_F(PruneTest, WorkGoesOnInTheSameProcessAfterAPrune) {
  ForgetSnapshots(*repository_, Ids(0, 4), {});
  Prune(*repository_, {.max_unused = 0}, {});
  repository_->state().RefreshIndex({});
  const Snapshot snapshot = StoreSnapshot(repository_->state(), kPath, {history_.texts[4], "and more"});
  EXPECT_EQ(RestoreText(*repository_, snapshot), history_.texts[4] + "and more");
  RequireComplete(*small_.Open(), snapshot.id, {});
}

// --- Crashes -------------------------------------------------------------------------------------------------------

// What a maintenance run does to a repository, interrupted after each of its writes.
class CrashTest : public testing::Test {
 protected:
  // The store on which each trial begins: the history, with the oldest days still there.
  CrashTest() { history_ = WriteHistory(small_, 5); }

  static constexpr size_t kForgotten = 4;

  void ForgetAndPrune(Repository& repository) const {
    std::vector<Digest> ids;
    for (size_t i = 0; i < kForgotten; ++i) ids.push_back(history_.snapshots[i].id);
    ForgetSnapshots(repository, ids, {});
    Prune(repository, {.max_unused = 0}, {});
  }

  // Every snapshot that is there restores, the newest is there, and nothing is damaged.
  void ExpectWhole(Repository& repository, const std::string& when) const {
    const std::vector<Snapshot> snapshots = repository.ListSnapshots({});
    ASSERT_FALSE(snapshots.empty()) << when;
    EXPECT_EQ(snapshots.back().id, history_.snapshots.back().id) << when;
    for (const Snapshot& snapshot : snapshots) {
      for (size_t i = 0; i < history_.snapshots.size(); ++i) {
        if (snapshot.id != history_.snapshots[i].id) continue;
        EXPECT_EQ(RestoreText(repository, snapshot), history_.texts[i]) << when;
      }
    }
    const CheckReport report = Check(repository, {.read_data = true}, {});
    EXPECT_THAT(report.problems, IsEmpty())
        << when << ": " << report.problems[0].object << " " << report.problems[0].message;
  }

  // The next process, which finds the one before gone.
  static std::unique_ptr<Repository> OpenAfterwards(SmallRepository& small) {
    small.environment.process_identity = "host/boot/4712/1";
    small.environment.has_ended = [](const std::string& identity) { return identity == "host/boot/4711/1"; };
    return small.Open();
  }

  // The same run again ends where one without a crash ends.
  void ExpectFinished(SmallRepository& small, Repository& repository, const std::string& when) const {
    ForgetAndPrune(repository);
    ExpectWhole(repository, when + ", then finished");
    EXPECT_EQ(repository.ListSnapshots({}).size(), 1u) << when;
    EXPECT_THAT(Check(repository, {.read_data = true}, {}).hints, IsEmpty()) << when;
    EXPECT_EQ(storage::ListAll(*small.store, "locks/", {}).size(), 0u) << when;
  }

  SmallRepository small_;
  History history_;
};

TEST_F(CrashTest, AfterEachWriteOfAForgetAndPruneEverythingIsWhole) {
  for (const bool lost_answer : {false, true}) {
    bool crashed = true;
    for (uint64_t writes = 0; crashed; ++writes) {
      const std::string when = "power cut after write " + std::to_string(writes) + (lost_answer ? ", answer lost" : "");
      const auto faulty = std::make_shared<FaultyStore>(CopyOf(*small_.store));
      SmallRepository trial(faulty, 100 + writes);
      trial.clock.Advance(small_.clock.Now() - trial.clock.Now());
      const auto repository = trial.Open();
      faulty->CutPowerAfter(writes, lost_answer);
      crashed = false;
      try {
        ForgetAndPrune(*repository);
      } catch (const Error&) {
        crashed = true;
      }
      faulty->Heal();
      const auto next = OpenAfterwards(trial);
      ExpectWhole(*next, when);
      ExpectFinished(trial, *next, when);
      if (HasFailure()) return;
      ASSERT_LT(writes, 100u) << "the run never came to its end";
    }
  }
}

TEST_F(CrashTest, AfterEachFailedRequestTheSameProcessGoesOn) {
  using Fault = FaultyStore::Fault;
  for (const Fault fault : {Fault::kError, Fault::kLostAnswer, Fault::kHalf, Fault::kFlip}) {
    for (uint64_t number = 1;; ++number) {
      const std::string when =
          "fault " + std::to_string(static_cast<int>(fault)) + " in request " + std::to_string(number);
      const auto faulty = std::make_shared<FaultyStore>(CopyOf(*small_.store));
      SmallRepository trial(faulty, 100 + number);
      trial.clock.Advance(small_.clock.Now() - trial.clock.Now());
      const auto repository = trial.Open();
      faulty->ResetCounts();
      faulty->FailNth(number, fault);
      try {
        ForgetAndPrune(*repository);
      } catch (const Error&) {
        EXPECT_GE(faulty->CountAll(), number) << when;
      }
      const bool reached = faulty->CountAll() >= number;
      faulty->Heal();
      ExpectWhole(*repository, when);
      ExpectFinished(trial, *repository, when);
      if (HasFailure() || !reached) break;
    }
  }
}

TEST_F(CrashTest, AfterEachWriteOfAMergeEverythingIsWhole) {
  bool crashed = true;
  for (uint64_t writes = 0; crashed; ++writes) {
    const auto faulty = std::make_shared<FaultyStore>(CopyOf(*small_.store));
    SmallRepository trial(faulty, 100 + writes);
    trial.clock.Advance(small_.clock.Now() - trial.clock.Now());
    const auto repository = trial.Open();
    faulty->CutPowerAfter(writes, false);
    crashed = false;
    try {
      MergeIndexFiles(*repository, {});
    } catch (const Error&) {
      crashed = true;
    }
    faulty->Heal();
    const auto next = OpenAfterwards(trial);
    ExpectWhole(*next, "power cut after write " + std::to_string(writes));
    MergeIndexFiles(*next, {});
    ASSERT_LT(writes, 30u);
  }
}

}  // namespace
}  // namespace cofre::repository
