// Backups by processes that find copies of the repository's small objects (copies/local_copies.h), and what two
// listings of everything are for (docs/decisions/0023).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "repository/prune.h"
#include "tests/support/expect_error.h"
#include "tests/support/repository_fixture.h"
#include "tests/support/temporary_folder.h"

namespace cofre::repository {
namespace {

using test::FaultyStore;
using test::Noise;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BackupCopiesTest : public ::testing::Test, protected RepositoryFixture {
 protected:
  std::unique_ptr<Repository> OpenWith(std::shared_ptr<storage::ObjectStore> below) {
    return Repository::Open(std::move(below), password, environment, {},
                            {.folder = folder_.File("copies"), .open_from_copies = true});
  }
  // A process of its own, on the same machine.
  BackupResult BackUpAnew(const Bytes& content) {
    store->ResetCounts();
    return BackUp(*OpenWith(store), content);
  }
  std::vector<std::string> Copies() const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.File("copies"))) paths.push_back(entry.path());
    return paths;
  }
  void RemoveAll(const std::string& prefix) {
    for (const std::string& key : Keys(prefix)) memory->Delete(key, {});
  }

  test::TemporaryFolder folder_;
  const Bytes day_1_ = Noise(20'000, 1);
  const Bytes day_2_ = Noise(20'000, 2);
};

TEST_F(BackupCopiesTest, ABackupOfAnotherProcessTakesEightRequests) {
  std::map<Digest, Bytes> snapshots;
  for (uint64_t day = 0; day < 8; ++day) {
    const Bytes content = Noise(20'000, day);
    snapshots.emplace(BackUpAnew(content).snapshot.id, content);
    EXPECT_LE(store->CountAll(), day == 0 ? 11U : 8U);
  }
  ExpectConsistent(*this, snapshots);
}

TEST_F(BackupCopiesTest, AnUnchangedDumpTakesFive) {
  BackUpAnew(day_1_);
  EXPECT_TRUE(BackUpAnew(day_1_).unchanged);
  EXPECT_EQ(store->CountAll(), 5U);
}

TEST_F(BackupCopiesTest, ADamagedCopyCostsNoMoreThanRequests) {
  std::map<Digest, Bytes> snapshots{{BackUpAnew(day_1_).snapshot.id, day_1_}};
  const std::vector<std::string> copies = Copies();
  EXPECT_EQ(copies.size(), 3U);  // config, key, index
  for (const std::string& path : copies) {
    for (const bool cut : {false, true}) {
      SCOPED_TRACE(path + (cut ? " cut" : " flipped"));
      const auto size = std::filesystem::file_size(path);
      if (cut) {
        std::filesystem::resize_file(path, size / 2);
      } else {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(size / 2));
        const char byte = static_cast<char>(file.peek() ^ 1);
        file.seekp(static_cast<std::streamoff>(size / 2));
        file.put(byte);
      }
      const BackupResult result = BackUpAnew(day_1_);
      EXPECT_TRUE(result.unchanged);
      EXPECT_GT(store->CountAll(), 5U);
      snapshots.emplace(result.snapshot.id, day_1_);
      // It has been put right.
      snapshots.emplace(BackUpAnew(day_1_).snapshot.id, day_1_);
      EXPECT_EQ(store->CountAll(), 5U);
    }
  }
  ExpectConsistent(*this, snapshots);
}

TEST_F(BackupCopiesTest, AFolderThatCannotBeWrittenMeansMoreRequests) {
  std::ofstream(folder_.File("copies")) << "in the way";
  std::map<Digest, Bytes> snapshots{{BackUpAnew(day_1_).snapshot.id, day_1_}};
  snapshots.emplace(BackUpAnew(day_2_).snapshot.id, day_2_);
  EXPECT_GT(store->CountAll(), 8U);
  ExpectConsistent(*this, snapshots);
}

TEST_F(BackupCopiesTest, WhatAForeignPruneRemovedIsStoredAgain) {
  BackUpAnew(day_1_);
  for (const char* folder : {"snapshots/", "index/", "data/"}) RemoveAll(folder);
  const BackupResult result = BackUpAnew(day_1_);
  EXPECT_EQ(result.bytes_new, day_1_.size());
  EXPECT_EQ(Copies().size(), 3U);  // that of the removed index file is gone
  ExpectConsistent(*this, {{result.snapshot.id, day_1_}});
}

TEST_F(BackupCopiesTest, AnIndexFileOfAnotherMachineIsUsed) {
  BackUpAnew(day_1_);
  BackUp(*OpenClean(), day_2_);
  EXPECT_TRUE(BackUpAnew(day_2_).unchanged);
}

TEST_F(BackupCopiesTest, ARepositoryMadeAnewIsNoticedAndNotWrittenTo) {
  BackUpAnew(day_1_);
  RemoveAll("");
  Repository::Initialize(*memory, password, environment, {});
  const std::vector<std::string> before = Keys("");

  const auto repository = OpenWith(store);
  EXPECT_ERROR((BackUp(*repository, day_1_)), ErrorKind::kTransient, HasSubstr("not the repository any more"));
  EXPECT_TRUE(repository->IsReplaced());
  EXPECT_EQ(Keys(""), before);
  EXPECT_THAT(Copies(), IsEmpty());

  const BackupResult next = BackUpAnew(day_1_);
  EXPECT_EQ(next.bytes_new, day_1_.size());
  ExpectConsistent(*this, {{next.snapshot.id, day_1_}});
}

TEST_F(BackupCopiesTest, AKeyFileThatIsGoneOrAnotherConfigIsNoticedByWhoeverHasItOpen) {
  for (const bool key : {true, false}) {
    const RepositoryFixture fixture;
    const auto repository = fixture.Open();
    BackUp(*repository, day_1_);
    if (key) {
      fixture.memory->Delete(fixture.Keys("keys/").at(0), {});
    } else {
      Bytes other = fixture.memory->Get("config", 1000, {});
      other.back() ^= 1;
      fixture.memory->Put("config", other, std::nullopt, {});
    }
    EXPECT_ERROR((BackUp(*repository, day_2_)), ErrorKind::kTransient, HasSubstr("not the repository any more"));
    EXPECT_EQ(fixture.Keys("snapshots/").size(), 1U);
    EXPECT_THAT(fixture.Keys("locks/"), IsEmpty());
  }
}

// A store whose listings say nothing but name and size.
class PlainStore : public FaultyStore {
 public:
  using FaultyStore::FaultyStore;
  void List(const std::string& prefix, const std::function<void(const storage::ObjectInfo&)>& visit,
            std::stop_token stop) override {
    FaultyStore::List(
        prefix, [&](const storage::ObjectInfo& object) { visit({.key = object.key, .size = object.size}); }, stop);
  }
};

TEST_F(BackupCopiesTest, WithoutMd5TheConfigIsReadAgain) {
  const auto plain = std::make_shared<PlainStore>(memory);
  BackUp(*OpenWith(plain), day_1_);
  plain->ResetCounts();
  BackUp(*OpenWith(plain), day_2_);
  EXPECT_EQ(plain->Count(FaultyStore::Operation::kGet), 2U);  // at each listing
  EXPECT_EQ(plain->CountAll(), 10U);
}

TEST_F(BackupCopiesTest, AnExtraIsReadOnlyWhereItDiffers) {
  OpenWith(store)->WriteExtra("manifest", AsBytes("one"), {});
  auto repository = OpenWith(store);
  store->ResetCounts();
  EXPECT_EQ(AsText(repository->ReadExtra("manifest", repository->ListEverything({}), {}).value()), "one");
  EXPECT_EQ(store->CountAll(), 1U);

  OpenClean()->WriteExtra("manifest", AsBytes("two"), {});  // another machine
  EXPECT_EQ(AsText(repository->ReadExtra("manifest", repository->ListEverything({}), {}).value()), "two");
  EXPECT_FALSE(repository->ReadExtra("nothing", repository->ListEverything({}), {}));
}

// A listing during which a prune comes to its end: shows what there was, but no lock of the pruning process.
class PrunedWhileListed : public FaultyStore {
 public:
  using FaultyStore::FaultyStore;
  void List(const std::string& prefix, const std::function<void(const storage::ObjectInfo&)>& visit,
            std::stop_token stop) override {
    std::vector<storage::ObjectInfo> listed;
    FaultyStore::List(
        prefix, [&](const storage::ObjectInfo& object) { listed.push_back(object); }, stop);
    if (prefix.empty() && armed) {
      armed = false;
      for (const storage::ObjectInfo& object : listed) {
        const bool pruned = object.key.starts_with("index/") || object.key.starts_with("data/");
        if (pruned) Delete(object.key, stop);
      }
    }
    for (const storage::ObjectInfo& object : listed) visit(object);
  }
  bool armed = false;
};

TEST_F(BackupCopiesTest, APruneThatEndsDuringTheFirstListingLeavesNoBrokenSnapshot) {
  const auto raced = std::make_shared<PrunedWhileListed>(memory);
  BackUp(*OpenWith(raced), day_1_);
  RemoveAll("snapshots/");
  raced->armed = true;
  const auto repository = OpenWith(raced);
  EXPECT_ERROR((BackUp(*repository, day_1_)), ErrorKind::kTransient, HasSubstr("vanished"));
  EXPECT_FALSE(raced->armed);
  ExpectConsistent(*this, {});

  const BackupResult next = BackUp(*repository, day_1_);
  EXPECT_EQ(next.bytes_new, day_1_.size());
  ExpectConsistent(*this, {{next.snapshot.id, day_1_}});
}

TEST_F(BackupCopiesTest, BlobsOfALostPackAreStoredAgainAndThenFound) {
  const auto repository = OpenClean();
  BackUp(*repository, day_1_);
  RemoveAll("data/");
  const BackupResult result = BackUp(*repository, day_1_);
  EXPECT_EQ(result.bytes_new, day_1_.size());
  EXPECT_FALSE(result.unchanged);
  EXPECT_EQ(result.unsound_packs, 2U);
  EXPECT_FALSE(Check(*repository, {}, {}).problems.empty());

  EXPECT_TRUE(MergeIndexFiles(*repository, {}));
  EXPECT_EQ(BackUp(*repository, day_1_).unsound_packs, 0U);
  RemoveAll("snapshots/");
  const Digest again = BackUp(*repository, day_1_).snapshot.id;
  ExpectConsistent(*this, {{again, day_1_}});
}

TEST_F(BackupCopiesTest, BlobsOfACutPackAreStoredAgainAndItsDamageStaysVisible) {
  const auto repository = OpenClean();
  BackUp(*repository, day_1_);
  for (const std::string& key : Keys("data/")) {
    Bytes pack = memory->Get(key, 1 << 20, {});
    pack.resize(pack.size() / 2);
    memory->Put(key, pack, std::nullopt, {});
  }
  EXPECT_EQ(BackUp(*repository, day_1_).bytes_new, day_1_.size());
  EXPECT_FALSE(MergeIndexFiles(*repository, {}));
  EXPECT_GE(Check(*repository, {}, {}).problems.size(), 2U);
}

TEST_F(BackupCopiesTest, WhatIsToBeRemovedGoesWithTheLockInOneRequest) {
  const Digest first = BackUpAnew(day_1_).snapshot.id;
  const auto repository = OpenWith(store);
  BackupRequest request = TinyRequest();
  request.on_stored = [&](const BackupResult&) { return std::vector{first}; };
  test::BufferSource source(day_2_);
  store->ResetCounts();
  const BackupResult result = WriteBackupTuned(*repository, source, request, TinyTuning(), nullptr, {});
  EXPECT_EQ(store->CountAll(), 8U);
  EXPECT_FALSE(result.removal_error);
  ExpectConsistent(*this, {{result.snapshot.id, day_2_}});
}

TEST_F(BackupCopiesTest, ARemovalThatFailsIsToldAndTheLockGoes) {
  const Digest first = BackUpAnew(day_1_).snapshot.id;
  store->SetScript([](const FaultyStore::Call& call) {
    return call.operation == FaultyStore::Operation::kDeleteMany ? FaultyStore::Fault::kError
                                                                 : FaultyStore::Fault::kNone;
  });
  BackupRequest request = TinyRequest();
  request.on_stored = [&](const BackupResult&) { return std::vector{first}; };
  test::BufferSource source(day_2_);
  const BackupResult result = WriteBackupTuned(*OpenWith(store), source, request, TinyTuning(), nullptr, {});
  EXPECT_TRUE(result.removal_error);
  ExpectConsistent(*this, {{first, day_1_}, {result.snapshot.id, day_2_}});
}

TEST_F(BackupCopiesTest, WhatTheListingShowsDecidesBeforeAnythingIsWritten) {
  BackUpAnew(day_1_);
  const std::vector<std::string> before = Keys("");
  BackupRequest request = TinyRequest();
  request.on_listed = [&](const Listing& listing) -> std::optional<uint64_t> {
    EXPECT_EQ(listing.index_files.size(), 1U);
    throw Error(ErrorKind::kQuota, "no room");
  };
  test::BufferSource source(day_2_);
  EXPECT_ERROR((WriteBackupTuned(*OpenWith(store), source, request, TinyTuning(), nullptr, {})), ErrorKind::kQuota,
               HasSubstr("no room"));
  EXPECT_EQ(Keys(""), before);
}

}  // namespace
}  // namespace cofre::repository
