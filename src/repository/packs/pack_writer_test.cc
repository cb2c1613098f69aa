#include "repository/packs/pack_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>

#include "tests/support/repository_fixture.h"

namespace cofre::repository {
namespace {

using test::FaultyStore;
using test::Noise;

// Memory that does something in the uploading thread before it stores a pack.
class HookedStore : public storage::MemoryStore {
 public:
  void Put(const std::string& key, ByteView body, const std::optional<Digest>& sha256, std::stop_token stop) override {
    if (before_pack && key.starts_with("data/")) before_pack();
    MemoryStore::Put(key, body, sha256, std::move(stop));
  }
  std::function<void()> before_pack;
};

class PackWriterTest : public testing::Test {
 protected:
  // A sealed blob of 1000 bytes.
  void AddOne(PackWriter& writer, uint64_t seed, BlobType type = BlobType::kData) {
    const Bytes plain = Noise(1000 - kSealOverhead, seed);
    const EncodedBlob blob = encoder_.Encode(type, Sha256(plain), plain, kFastCompression);
    writer.Add(blob.type, blob.id, blob.uncompressed_length, blob.sealed);
  }
  static PackWriterOptions Small() { return {.pack_bytes = 5'000, .uploads = 2, .admit = nullptr, .stored = nullptr}; }

  // Fails uploads of packs, with kind auth.
  void FailPacks() {
    fixture_.store->SetScript(
        [](const FaultyStore::Call& call) {
          return call.key.starts_with("data/") ? FaultyStore::Fault::kError : FaultyStore::Fault::kNone;
        },
        ErrorKind::kAuth);
  }

  void BeforeEachPack(std::function<void()> action) {
    const auto hooked = std::make_shared<HookedStore>();
    hooked->before_pack = std::move(action);
    state_.store = hooked;
  }

  RepositoryFixture fixture_;
  std::unique_ptr<Repository> repository_ = fixture_.Open();
  Repository::State& state_ = repository_->state();
  BlobEncoder encoder_{state_.sealer};
};

ErrorKind KindOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::kPermanent;
}

TEST_F(PackWriterTest, EveryBlobIsInExactlyOnePackThatIsStoredAsReported) {
  PackWriter writer(state_, Small(), {});
  for (uint64_t seed = 0; seed < 23; ++seed) AddOne(writer, seed);
  writer.Flush();
  EXPECT_EQ(writer.stored_blobs(), 23);
  std::set<Digest> blobs;
  for (const IndexedPack& pack : writer.TakeStored()) {
    const Bytes bytes = fixture_.memory->Get(KeyOf(FileKind::kPack, pack.id), 1 << 20, {});
    EXPECT_EQ(Sha256(bytes), pack.id);
    EXPECT_EQ(ReadPackHeader(bytes, state_.sealer), pack.blobs);
    EXPECT_LE(bytes.size(), 6'100) << "a pack passes its size by one blob at most";
    for (const PackedBlob& blob : pack.blobs) EXPECT_TRUE(blobs.insert(blob.id).second);
  }
  EXPECT_EQ(blobs.size(), 23);
  EXPECT_EQ(fixture_.Keys("data/").size(), 5);
  EXPECT_EQ(writer.AttemptedPacks().size(), 5);
}

TEST_F(PackWriterTest, StoredPacksAreReportedOnce) {
  PackWriter writer(state_, Small(), {});
  AddOne(writer, 1);
  writer.Flush();
  EXPECT_EQ(writer.TakeStored().size(), 1);
  EXPECT_EQ(writer.stored_blobs(), 0);
  EXPECT_TRUE(writer.TakeStored().empty());
  AddOne(writer, 2);
  writer.Flush();
  EXPECT_EQ(writer.TakeStored().size(), 1);
}

TEST_F(PackWriterTest, TreesAndDataGoIntoPacksOfTheirOwn) {
  PackWriter writer(state_, Small(), {});
  AddOne(writer, 1);
  AddOne(writer, 2, BlobType::kTree);
  AddOne(writer, 3);
  writer.Flush();
  const auto packs = writer.TakeStored();
  ASSERT_EQ(packs.size(), 2);
  for (const IndexedPack& pack : packs) {
    EXPECT_EQ(pack.blobs.size(), pack.blobs.front().type == BlobType::kTree ? 1 : 2);
  }
}

TEST_F(PackWriterTest, DataAndTreePackAreUploadedAtTheSameTime) {
  // Each upload waits for the other one to have begun.
  std::latch both(2);
  BeforeEachPack([&] { both.arrive_and_wait(); });
  PackWriter writer(state_, Small(), {});
  AddOne(writer, 1);
  AddOne(writer, 2, BlobType::kTree);
  writer.Flush();
  EXPECT_EQ(writer.TakeStored().size(), 2);
}

TEST_F(PackWriterTest, NoMoreUploadsRunAtOnceThanAllowed) {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  PackWriterOptions options = Small();
  options.uploads = 2;
  options.stored = [&](uint64_t) { --running; };
  BeforeEachPack([&] {
    const int now = ++running;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
  });
  PackWriter writer(state_, options, {});
  for (uint64_t seed = 0; seed < 200; ++seed) AddOne(writer, seed);
  writer.Flush();
  EXPECT_LE(most, 2);
  EXPECT_EQ(writer.stored_blobs(), 200);
}

TEST_F(PackWriterTest, TheFirstErrorOfAnUploadComesOutOfAddOrFlush) {
  FailPacks();
  PackWriter writer(state_, Small(), {});
  EXPECT_EQ(KindOf([&] {
              for (uint64_t seed = 0; seed < 100; ++seed) AddOne(writer, seed);
              writer.Flush();
            }),
            ErrorKind::kAuth);
  writer.Settle();
  EXPECT_TRUE(writer.TakeStored().empty());
  EXPECT_FALSE(writer.AttemptedPacks().empty());
}

TEST_F(PackWriterTest, WhatIsNotAdmittedIsNotSent) {
  std::vector<uint64_t> asked;
  PackWriterOptions options = Small();
  options.admit = [&](uint64_t bytes) {
    asked.push_back(bytes);
    if (asked.size() == 3) throw Error(ErrorKind::kQuota, "enough");
  };
  PackWriter writer(state_, options, {});
  EXPECT_EQ(KindOf([&] {
              for (uint64_t seed = 0; seed < 100; ++seed) AddOne(writer, seed);
            }),
            ErrorKind::kQuota);
  writer.Settle();
  const auto objects = storage::ListAll(*fixture_.memory, "data/", {});
  ASSERT_EQ(objects.size(), 2);
  EXPECT_EQ(objects[0].size, asked[0]) << "the size asked for is the size stored";
}

TEST_F(PackWriterTest, AStopEndsAWaitForAFreeUpload) {
  std::stop_source stop;
  std::latch begun(1);
  BeforeEachPack([&] {
    begun.count_down();
    while (!stop.stop_requested()) std::this_thread::yield();
  });
  PackWriterOptions options = Small();
  options.uploads = 1;
  PackWriter writer(state_, options, stop.get_token());
  std::jthread stopper([&] {
    begun.wait();
    stop.request_stop();
  });
  EXPECT_EQ(KindOf([&] {
              for (uint64_t seed = 0; seed < 100; ++seed) AddOne(writer, seed);
            }),
            ErrorKind::kCancelled);
}

TEST_F(PackWriterTest, WhatWasNotFlushedIsDropped) {
  {
    PackWriter writer(state_, Small(), {});
    AddOne(writer, 1);
  }
  EXPECT_TRUE(fixture_.Keys("data/").empty());
}

TEST_F(PackWriterTest, ABlobLargerThanAPackGetsOneOfItsOwn) {
  PackWriter writer(state_, Small(), {});
  AddOne(writer, 1);
  const Bytes large = Noise(1'000'000, 2);
  const EncodedBlob blob = encoder_.Encode(BlobType::kData, Sha256(large), large, kFastCompression);
  writer.Add(blob.type, blob.id, blob.uncompressed_length, blob.sealed);
  AddOne(writer, 3);
  writer.Flush();
  EXPECT_EQ(writer.TakeStored().size(), 3);
}

}  // namespace
}  // namespace cofre::repository
