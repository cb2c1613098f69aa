#include "repository/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/support/repository_fixture.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::BufferSource;
using test::FaultyStore;
using test::Noise;

// Rows of text, as a dump has: compressible, no two alike.
Bytes Rows(size_t size, uint64_t seed) {
  SeededRandom random(seed);
  std::string text;
  while (text.size() < size) {
    text +=
        "SALE " + std::to_string(random.Below(1'000'000)) + " OF ARTICLE " + std::to_string(random.Below(5000)) + ";";
  }
  text.resize(size);
  return {text.begin(), text.end()};
}

ErrorKind KindOf(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::kPermanent;
}

TEST(BackupTest, WhatWasWrittenReadsBack) {
  const RepositoryFixture fixture;
  const Bytes content = Rows(700'000, 1);
  const auto repository = fixture.Open();
  BackupProgress progress;
  BufferSource source(content, 5000);
  const BackupResult result = WriteBackupTuned(*repository, source, TinyRequest(), TinyTuning(), &progress, {});

  EXPECT_EQ(result.bytes_read, content.size());
  EXPECT_EQ(result.bytes_new, content.size());
  EXPECT_EQ(result.blobs, result.new_blobs);
  EXPECT_GT(result.blobs, 100);
  EXPECT_FALSE(result.unchanged);
  EXPECT_EQ(progress.bytes_read, content.size());
  EXPECT_EQ(progress.bytes_new, content.size());
  EXPECT_GT(fixture.Keys("data/").size(), 5);
  ExpectConsistent(fixture, {{result.snapshot.id, content}});
}

TEST(BackupTest, TheFiguresCountEveryObjectThatWasAdded) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const uint64_t before = repository->StoredBytes({});
  const BackupResult result = BackUp(*repository, Rows(300'000, 2));
  EXPECT_EQ(repository->StoredBytes({}) - before, result.bytes_stored);
}

TEST(BackupTest, TheSnapshotCarriesWhatTheRequestSaid) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackUp(*repository, Rows(50'000, 3));
  const Snapshot snapshot = repository->ListSnapshots({}).at(0);
  EXPECT_EQ(snapshot.paths, std::vector<std::string>{"/900869750/2025/CONTAB.fbk"});
  EXPECT_EQ(snapshot.hostname, "server");
  EXPECT_EQ(snapshot.username, "cofre");
  EXPECT_EQ(snapshot.tags, std::vector<std::string>{"year=2025"});
  EXPECT_THAT(snapshot.program_version, testing::StartsWith("cofre "));
  EXPECT_EQ(snapshot.time, fixture.clock.Now());
  EXPECT_TRUE(snapshot.has_summary);
  EXPECT_EQ(snapshot.summary.total_bytes_processed, 50'000);
  EXPECT_EQ(snapshot.summary.data_added, 50'000);
}

TEST(BackupTest, AnUnchangedDumpAddsOneObject) {
  const RepositoryFixture fixture;
  const Bytes content = Rows(300'000, 4);
  const auto repository = fixture.Open();
  const BackupResult first = BackUp(*repository, content);
  const size_t objects = fixture.Keys("").size();
  fixture.store->ResetCounts();
  const BackupResult second = BackUp(*repository, content);
  EXPECT_TRUE(second.unchanged);
  EXPECT_EQ(second.bytes_new, 0);
  EXPECT_EQ(second.new_blobs, 0);
  EXPECT_EQ(second.blobs, first.blobs);
  EXPECT_EQ(second.snapshot.tree, first.snapshot.tree);
  EXPECT_EQ(fixture.Keys("").size(), objects + 1);
  EXPECT_EQ(fixture.store->Count(FaultyStore::Operation::kPut), 2) << "the lock and the snapshot";
  ExpectConsistent(fixture, {{first.snapshot.id, content}, {second.snapshot.id, content}});
}

TEST(BackupTest, AnUnchangedDumpAddsOneObjectAlsoAfterManyChanges) {
  // Pieces are whole or fine, by a policy that looks at more than the stream: the same stream must still be found.
  RepositoryFixture fixture;
  const auto repository = fixture.Open();
  Bytes content = Rows(300'000, 5);
  SeededRandom random(6);
  std::map<Digest, Bytes> snapshots;
  for (int day = 0; day < 40; ++day) {
    for (int change = 0; change < 3; ++change) {
      content[random.Below(content.size())] ^= 0x20;
      content.insert(content.begin() + random.Below(content.size()), 'x');
    }
    snapshots.emplace(BackUp(*repository, content).snapshot.id, content);
    const BackupResult again = BackUp(*repository, content);
    EXPECT_TRUE(again.unchanged) << "day " << day;
    snapshots.emplace(again.snapshot.id, content);
    fixture.clock.Advance(std::chrono::hours(24));
  }
  ExpectConsistent(fixture, snapshots);
}

TEST(BackupTest, ASmallChangeAddsLittleAndTakesEightRequests) {
  // Where the stream is cut depends on the key, so the key is the same in every run.
  const auto store = std::make_shared<test::FaultyStore>(std::make_shared<storage::MemoryStore>());
  test::SmallRepository small(store);
  small.Initialize();
  Bytes content = Rows(1'000'000, 7);
  const auto repository = small.Open();
  BackupRequest request = TinyRequest();
  request.average_blob_bytes = 32 * 1024;
  const auto back_up = [&] {
    BufferSource source(content);
    return WriteBackup(*repository, source, request, nullptr, {});
  };
  back_up();
  content[500'000] ^= 1;
  back_up();  // the changed piece is cut finely from now on
  content[500'000] ^= 2;
  store->ResetCounts();
  const BackupResult result = back_up();
  EXPECT_EQ(store->CountAll(), 8);
  EXPECT_LE(result.new_blobs, 2U);  // a change where a cut is moves the cut
  EXPECT_LE(result.bytes_new, 16 * 1024);
  EXPECT_LT(result.bytes_stored, 8'000);
}

TEST(BackupTest, EqualBlobsOfOneStreamAreStoredOnce) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  Bytes content;
  const Bytes part = Noise(150'000, 8);
  for (int i = 0; i < 6; ++i) content.insert(content.end(), part.begin(), part.end());
  const BackupResult result = BackUp(*repository, content);
  EXPECT_LT(result.bytes_new, 200'000);
  EXPECT_LT(result.new_blobs, result.blobs / 4);

  uint64_t listed = 0;
  repository->state().index.VisitPacks([&](const IndexedPack& pack) {
    for (const PackedBlob& blob : pack.blobs) listed += blob.type == BlobType::kData ? 1 : 0;
  });
  EXPECT_EQ(listed, result.new_blobs);
  ExpectConsistent(fixture, {{result.snapshot.id, content}});
}

TEST(BackupTest, ABlobThatDoesNotCompressIsStoredRaw) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackUp(*repository, Noise(100'000, 9));
  repository->state().index.VisitPacks([](const IndexedPack& pack) {
    for (const PackedBlob& blob : pack.blobs) EXPECT_EQ(blob.compressed(), blob.type == BlobType::kTree);
  });
}

TEST(BackupTest, DataAndTreesLieInPacksOfTheirOwn) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackUp(*repository, Rows(200'000, 10));
  repository->state().index.VisitPacks([](const IndexedPack& pack) {
    for (const PackedBlob& blob : pack.blobs) EXPECT_EQ(blob.type, pack.blobs.front().type);
  });
}

TEST(BackupTest, EverySizeOfBlocksPacksAndReadsGivesTheSameBytes) {
  SeededRandom random(11);
  for (int round = 0; round < 25; ++round) {
    const RepositoryFixture fixture;
    BackupTuning tuning;
    tuning.pump.block_bytes = 1 + random.Below(100'000);
    tuning.pump.workers = static_cast<unsigned>(1 + random.Below(4));
    tuning.pack_bytes = 1 + random.Below(200'000);
    tuning.uploads = static_cast<unsigned>(1 + random.Below(3));
    tuning.index.blobs = 1 + random.Below(100);
    BackupRequest request = TinyRequest();
    request.average_blob_bytes = 1024U << random.Below(6);
    const auto repository = fixture.Open();
    std::map<Digest, Bytes> snapshots;
    Bytes content = Rows(1 + random.Below(400'000), round);
    for (int day = 0; day < 3; ++day) {
      BufferSource source(content, 1 + random.Below(100'000));
      const auto result = WriteBackupTuned(*repository, source, request, tuning, nullptr, {});
      snapshots.emplace(result.snapshot.id, content);
      content[random.Below(content.size())] ^= 1;
      content.push_back(7);
    }
    ExpectConsistent(fixture, snapshots);
  }
}

TEST(BackupTest, ALongBackupWritesIndexFilesOnTheWay) {
  RepositoryFixture fixture;
  BackupTuning tuning = TinyTuning();
  tuning.index.blobs = 20;
  const auto repository = fixture.Open();
  const BackupResult by_count = BackUp(*repository, Rows(600'000, 12), tuning);
  EXPECT_GT(fixture.Keys("index/").size(), 1);  // how many depends on how the threads take turns

  const size_t before = fixture.Keys("index/").size();
  tuning.index = {.blobs = 1'000'000, .time = std::chrono::seconds(1)};
  BufferSource slow(Rows(600'000, 13), 4096, [&](size_t) { fixture.clock.Advance(std::chrono::milliseconds(100)); });
  WriteBackupTuned(*repository, slow, TinyRequest(), tuning, nullptr, {});
  EXPECT_GT(fixture.Keys("index/").size(), before + 1);
  EXPECT_GT(by_count.blobs, 100);
}

TEST(BackupTest, AnEmptyStreamIsNoBackup) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  EXPECT_EQ(KindOf([&] { BackUp(*repository, {}); }), ErrorKind::kCorrupt);
  ExpectConsistent(fixture, {});
}

TEST(BackupTest, AStreamOfOneByteIsABackup) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const BackupResult result = BackUp(*repository, {42});
  EXPECT_EQ(result.blobs, 1);
  ExpectConsistent(fixture, {{result.snapshot.id, {42}}});
}

TEST(BackupTest, ARequestThatIsOffIsRefusedBeforeAnythingIsWritten) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const size_t objects = fixture.Keys("").size();
  const auto refuse = [&](const BackupRequest& request) {
    BufferSource source(Bytes(10, 1));
    EXPECT_EQ(KindOf([&] { WriteBackup(*repository, source, request, nullptr, {}); }), ErrorKind::kUsage);
  };
  BackupRequest request = TinyRequest();
  request.path = "relative";
  refuse(request);
  request = TinyRequest();
  request.tags = {"a,b"};
  refuse(request);
  request = TinyRequest();
  request.average_blob_bytes = 3000;
  refuse(request);
  EXPECT_EQ(fixture.Keys("").size(), objects);
}

TEST(BackupTest, BeyondTheLimitNothingIsSentAndWhatWasSentIsRemoved) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const Bytes before = Rows(200'000, 14);
  const BackupResult first = BackUp(*repository, before);
  const uint64_t stored = repository->StoredBytes({});

  BackupRequest request = TinyRequest();
  request.added_bytes_limit = 100'000;
  BufferSource source(Noise(500'000, 15));
  std::string message;
  EXPECT_EQ(KindOf([&] { WriteBackupTuned(*repository, source, request, TinyTuning(), nullptr, {}); }, &message),
            ErrorKind::kQuota);
  EXPECT_THAT(message, testing::HasSubstr("100000 bytes"));
  EXPECT_EQ(repository->StoredBytes({}), stored);
  ExpectConsistent(fixture, {{first.snapshot.id, before}});

  // What is kept in memory of the failed one misleads nobody.
  const BackupResult next = BackUp(*repository, Noise(500'000, 15));
  ExpectConsistent(fixture, {{first.snapshot.id, before}, {next.snapshot.id, Noise(500'000, 15)}});
}

TEST(BackupTest, PacksThatAnIndexListsAlreadyStayWhenTheLimitIsPassed) {
  // Another backup may use them by now.
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  BackupTuning tuning = TinyTuning();
  tuning.index.blobs = 10;
  BackupRequest request = TinyRequest();
  request.added_bytes_limit = 200'000;
  BufferSource source(Noise(500'000, 16));
  EXPECT_EQ(KindOf([&] { WriteBackupTuned(*repository, source, request, tuning, nullptr, {}); }), ErrorKind::kQuota);
  EXPECT_FALSE(fixture.Keys("index/").empty());
  EXPECT_EQ(fixture.Keys("data/").size(), repository->state().index.pack_count());
  ExpectConsistent(fixture, {});
}

TEST(BackupTest, ALimitThatIsEnoughChangesNothing) {
  const RepositoryFixture fixture;
  const auto repository = fixture.Open();
  const Bytes content = Rows(200'000, 17);
  BackupRequest request = TinyRequest();
  request.added_bytes_limit = 400'000;
  BufferSource source(content);
  const auto result = WriteBackupTuned(*repository, source, request, TinyTuning(), nullptr, {});
  EXPECT_LE(result.bytes_stored, 400'000);
  ExpectConsistent(fixture, {{result.snapshot.id, content}});
}

TEST(BackupTest, AnotherKeyCutsTheSameStreamElsewhere) {
  const RepositoryFixture one;
  const RepositoryFixture other;
  const Bytes content = Rows(300'000, 18);
  const auto first = one.Open();
  const auto second = other.Open();
  const auto a = ContentOf(*first, BackUp(*first, content).snapshot);
  const auto b = ContentOf(*second, BackUp(*second, content).snapshot);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace cofre::repository
