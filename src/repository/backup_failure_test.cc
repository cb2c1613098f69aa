// Whatever fails, and whenever: earlier snapshots stay whole, and no half of a new one is seen.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "repository/locks/lock.h"
#include "tests/support/repository_fixture.h"

namespace cofre::repository {
namespace {

using test::BufferSource;
using test::FaultyStore;
using test::Noise;

Bytes FirstDay() { return Noise(150'000, 1); }
Bytes SecondDay() {
  Bytes content = FirstDay();
  const Bytes more = Noise(120'000, 2);
  content.insert(content.begin() + 70'000, more.begin(), more.end());
  return content;
}

BackupTuning Tuning() {
  BackupTuning tuning = TinyTuning();
  tuning.index.blobs = 15;
  return tuning;
}

std::optional<Error> Failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// One backup, then a second one during which `plant` has made something fail; then the first one must be whole, and a
// third backup must work, after which all are. `snapshot_may_exist`: the answer to its upload may have been lost.
void ExpectSurvived(const std::function<void(FaultyStore&)>& plant, const std::string& what) {
  SCOPED_TRACE(what);
  const RepositoryFixture fixture;
  std::map<Digest, Bytes> snapshots;
  const auto repository = fixture.Open();
  snapshots.emplace(BackUp(*repository, FirstDay(), Tuning()).snapshot.id, FirstDay());

  plant(*fixture.store);
  const auto error =
      Failure([&] { snapshots.emplace(BackUp(*repository, SecondDay(), Tuning()).snapshot.id, SecondDay()); });
  fixture.store->Heal();
  for (const Snapshot& snapshot : fixture.OpenClean()->ListSnapshots({})) {
    // Only where the answer to its upload was lost.
    if (error) snapshots.emplace(snapshot.id, SecondDay());
  }
  EXPECT_LE(snapshots.size(), 2);

  // The same process goes on, with what it has in memory; and so does one that begins anew.
  snapshots.emplace(BackUp(*repository, SecondDay(), Tuning()).snapshot.id, SecondDay());
  snapshots.emplace(BackUp(*fixture.Open(), SecondDay(), Tuning()).snapshot.id, SecondDay());
  ExpectConsistent(fixture, snapshots);
}

uint64_t OperationsOfASecondDay() {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackUp(*repository, FirstDay(), Tuning());
  fixture.store->ResetCounts();
  BackUp(*repository, SecondDay(), Tuning());
  return fixture.store->CountAll();
}

TEST(BackupFailureTest, AnyOperationOfTheStoreMayFail) {
  const uint64_t operations = OperationsOfASecondDay();
  EXPECT_GE(operations, 12);
  for (uint64_t number = 1; number <= operations; ++number) {
    for (const auto fault : {FaultyStore::Fault::kError, FaultyStore::Fault::kLostAnswer}) {
      ExpectSurvived([&](FaultyStore& store) { store.FailNth(number, fault, ErrorKind::kPermanent); },
                     "operation " + std::to_string(number) + ", fault " + std::to_string(static_cast<int>(fault)));
    }
  }
}

TEST(BackupFailureTest, ThePowerMayGoAfterAnyWrite) {
  const uint64_t operations = OperationsOfASecondDay();
  for (uint64_t writes = 0; writes < operations; ++writes) {
    for (const bool lost_answer : {false, true}) {
      ExpectSurvived([&](FaultyStore& store) { store.CutPowerAfter(writes, lost_answer); },
                     "after " + std::to_string(writes) + (lost_answer ? " writes, answer lost" : " writes"));
    }
  }
}

TEST(BackupFailureTest, TheStoresErrorIsTheOneThatIsThrown) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  fixture.store->SetScript(
      [](const FaultyStore::Call& call) {
        return call.operation == FaultyStore::Operation::kPut && call.key.starts_with("data/")
                   ? FaultyStore::Fault::kError
                   : FaultyStore::Fault::kNone;
      },
      ErrorKind::kAuth);
  const auto error = Failure([&] { BackUp(*repository, FirstDay(), Tuning()); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kAuth);
}

TEST(BackupFailureTest, ASourceThatFailsHalfWayLeavesNoSnapshotAndItsBlobsAreUsedAgain) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const Bytes content = Noise(400'000, 3);
  auto failing = test::FailingSource(content, 300'000, Error(ErrorKind::kTransient, "gbak was killed"));
  const auto error = Failure([&] { WriteBackupTuned(*repository, failing, TinyRequest(), TinyTuning(), nullptr, {}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kTransient);
  EXPECT_STREQ(error->what(), "gbak was killed");
  ExpectConsistent(fixture, {});
  EXPECT_FALSE(fixture.Keys("index/").empty());

  const BackupResult next = BackUp(*fixture.Open(), content);
  EXPECT_LT(next.bytes_new, 150'000);
  ExpectConsistent(fixture, {{next.snapshot.id, content}});
}

TEST(BackupFailureTest, ASourceThatFailsAtOnceLeavesNothing) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const size_t objects = fixture.Keys("").size();
  auto failing = test::FailingSource({}, 0, Error(ErrorKind::kAuth, "wrong password"));
  const auto error = Failure([&] { WriteBackup(*repository, failing, TinyRequest(), nullptr, {}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kAuth);
  EXPECT_EQ(fixture.Keys("").size(), objects);
}

TEST(BackupFailureTest, TheFirstCauseIsThrownAlsoWhenOthersFollow) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  // From the moment that the source fails on, nothing can be stored either.
  BufferSource failing(FirstDay(), 4096, [&](size_t given) {
    if (given < 100'000) return;
    fixture.store->CutPowerAfter(0, false);
    throw Error(ErrorKind::kCorrupt, "the database is damaged");
  });
  const auto error = Failure([&] { WriteBackupTuned(*repository, failing, TinyRequest(), Tuning(), nullptr, {}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kCorrupt);
}

TEST(BackupFailureTest, CancelledAtAnyMomentItEndsSoonAndLeavesAConsistentRepository) {
  SeededRandom random(4);
  for (int round = 0; round < 60; ++round) {
    const RepositoryFixture fixture;
    std::map<Digest, Bytes> snapshots;
    const auto repository = fixture.Open();
    snapshots.emplace(BackUp(*repository, FirstDay(), Tuning()).snapshot.id, FirstDay());

    // The order to stop comes at some operation of the store, in whatever thread that is.
    std::stop_source stop;
    const uint64_t moment = 1 + random.Below(20);
    fixture.store->SetScript([&](const FaultyStore::Call& call) {
      if (call.number >= moment) stop.request_stop();
      return FaultyStore::Fault::kNone;
    });
    fixture.store->ResetCounts();
    BufferSource source(SecondDay());
    const auto error = Failure([&] {
      const auto result = WriteBackupTuned(*repository, source, TinyRequest(), Tuning(), nullptr, stop.get_token());
      snapshots.emplace(result.snapshot.id, SecondDay());
    });
    fixture.store->Heal();
    EXPECT_EQ(error ? error->kind() : ErrorKind::kCancelled, ErrorKind::kCancelled);
    for (const Snapshot& snapshot : fixture.OpenClean()->ListSnapshots({})) snapshots.emplace(snapshot.id, SecondDay());
    snapshots.emplace(BackUp(*repository, SecondDay(), Tuning()).snapshot.id, SecondDay());
    ExpectConsistent(fixture, snapshots);
  }
}

TEST(BackupFailureTest, CancelledWhileReadingItStopsAtTheNextRead) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  std::stop_source stop;
  size_t reads_after = 0;
  // Endless, in effect: only the stop ends it.
  BufferSource source(Bytes(64 << 20, 1), 4096, [&](size_t given) {
    if (given >= 1 << 20) stop.request_stop();
    if (stop.stop_requested()) ++reads_after;
  });
  const auto error =
      Failure([&] { WriteBackupTuned(*repository, source, TinyRequest(), Tuning(), nullptr, stop.get_token()); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kCancelled);
  EXPECT_LT(reads_after, 100);
  ExpectConsistent(fixture, {});
}

TEST(BackupFailureTest, AnExclusiveLockOfSomebodyElseKeepsItFromBeginning) {
  RepositoryFixture fixture;
  Environment other = fixture.environment;
  other.hostname = "elsewhere";
  other.process_identity = "elsewhere/1/1";
  const auto theirs = Repository::Open(fixture.memory, fixture.password, other, {});
  const RepositoryLock lock(theirs->state(), LockMode::kExclusive, {});
  const size_t objects = fixture.Keys("").size();
  const auto error = Failure([&] { BackUp(*fixture.Open(), FirstDay()); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), ErrorKind::kTransient);
  EXPECT_EQ(fixture.Keys("").size(), objects);
}

TEST(BackupFailureTest, WhatAnotherOneHasPrunedMeanwhileIsStoredAgain) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackUp(*repository, FirstDay());
  // Somebody forgets and prunes all while this process keeps its index in memory.
  for (const char* folder : {"snapshots/", "index/", "data/"}) {
    for (const std::string& key : fixture.Keys(folder)) fixture.memory->Delete(key, {});
  }
  const BackupResult result = BackUp(*repository, FirstDay());
  EXPECT_EQ(result.bytes_new, FirstDay().size());
  ExpectConsistent(fixture, {{result.snapshot.id, FirstDay()}});
}

}  // namespace
}  // namespace cofre::repository
