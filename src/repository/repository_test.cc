#include "repository/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repository/config_file.h"
#include "repository/crypto/key_file.h"
#include "tests/support/faulty_store.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::FaultyStore;
using test::SmallRepository;
using testing::HasSubstr;
using testing::StartsWith;

class RepositoryTest : public testing::Test {
 protected:
  RepositoryTest() : store_(std::make_shared<FaultyStore>(std::make_shared<storage::MemoryStore>())), small_(store_) {}

  std::unique_ptr<Repository> OpenWith(const std::string& password) {
    return Repository::Open(store_, Secret(std::string(password)), small_.environment, {});
  }

  std::vector<std::string> Keys(const std::string& prefix = "") {
    std::vector<std::string> keys;
    for (const storage::ObjectInfo& object : storage::ListAll(*store_, prefix, {})) keys.push_back(object.key);
    return keys;
  }

  void PutKeyFile(const MasterKey& key, const std::string& password, const ScryptParameters& parameters) {
    const std::string json =
        KeyFileToJson(WrapMasterKey(key, Secret(std::string(password)), parameters, SystemRandom()));
    store_->Put(KeyOf(FileKind::kKey, Sha256(AsBytes(json))), AsBytes(json), std::nullopt, {});
  }

  static void Expect(ErrorKind kind, const std::string& message, const std::function<void()>& function) {
    try {
      function();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }

  std::shared_ptr<FaultyStore> store_;
  SmallRepository small_;
};

TEST_F(RepositoryTest, IsAKeyFileAndAConfig) {
  small_.Initialize();
  EXPECT_THAT(Keys(), testing::ElementsAre("config", StartsWith("keys/")));
  const auto repository = small_.Open();
  EXPECT_EQ(repository->config().version, 2u);
  EXPECT_TRUE(repository->ListSnapshots({}).empty());
}

TEST_F(RepositoryTest, OpensWithThreeRequests) {
  small_.Initialize();
  store_->ResetCounts();
  small_.Open();
  EXPECT_EQ(store_->CountAll(), 3u);
}

TEST_F(RepositoryTest, IsNotMadeTwice) {
  small_.Initialize();
  Expect(ErrorKind::kUsage, "a repository already", [&] { small_.Initialize(); });
}

TEST_F(RepositoryTest, ACrashBetweenKeyFileAndConfigIsFinishedBySamePassword) {
  store_->CutPowerAfter(1, false);
  EXPECT_THROW(small_.Initialize(), Error);
  store_->Heal();
  ASSERT_EQ(Keys().size(), 1u);
  small_.Initialize();
  EXPECT_EQ(Keys().size(), 2u);
  small_.Open();
}

TEST_F(RepositoryTest, AKeyFileOfAnotherPasswordIsNotTakenOver) {
  PutKeyFile(MasterKey::Generate(SystemRandom()), "other", kOwnScryptParameters);
  Expect(ErrorKind::kUsage, "key file of another password", [&] { small_.Initialize(); });
  EXPECT_EQ(Keys().size(), 1u);
}

TEST_F(RepositoryTest, PartsOfARepositoryAreNotTakenOver) {
  small_.Initialize();
  test::StoreSnapshot(small_.Open()->state(), "/a", {"x"});
  store_->Delete("config", {});
  const size_t before = Keys().size();
  Expect(ErrorKind::kUsage, "whose config is missing", [&] { small_.Initialize(); });
  EXPECT_EQ(Keys().size(), before);
}

// Another process's key file appears just before keys/ is listed.
class RacedStore : public storage::MemoryStore {
 public:
  void List(const std::string& prefix, const std::function<void(const storage::ObjectInfo&)>& visit,
            std::stop_token stop) override {
    if (prefix == "keys/") Put(KeyOf(FileKind::kKey, Sha256(AsBytes("x"))), AsBytes("x"), std::nullopt, stop);
    storage::MemoryStore::List(prefix, visit, stop);
  }
};

TEST_F(RepositoryTest, OfTwoThatMakeItAtOnceOneWithdraws) {
  RacedStore raced;
  Expect(ErrorKind::kTransient, "by somebody else",
         [&] { Repository::Initialize(raced, test::kSmallRepositoryPassword, small_.environment, {}); });
  EXPECT_EQ(storage::ListAll(raced, "", {}).size(), 1u) << "our key file or a config was left behind";
}

TEST_F(RepositoryTest, NoneIsNotFound) {
  Expect(ErrorKind::kNotFound, "no repository", [&] { small_.Open(); });
}

TEST_F(RepositoryTest, AWrongPasswordIsAuth) {
  small_.Initialize();
  Expect(ErrorKind::kAuth, "opens with this password", [&] { OpenWith("wrong"); });
}

TEST_F(RepositoryTest, TheCheapestKeyFileThatFitsOpens) {
  small_.Initialize();
  const MasterKey key = small_.Open()->state().sealer.key();
  PutKeyFile(key, "for people", {1 << 14, 8, 1});
  PutKeyFile(key, "unrelated", {1 << 14, 8, 1});
  OpenWith("for people");
  OpenWith("correct horse battery staple");
}

TEST_F(RepositoryTest, ADamagedKeyFileBesidesAGoodOneIsNoObstacle) {
  small_.Initialize();
  store_->Put(KeyOf(FileKind::kKey, Sha256(AsBytes("x"))), AsBytes("junk"), std::nullopt, {});
  small_.Open();
  Expect(ErrorKind::kCorrupt, "keys/", [&] { OpenWith("wrong"); });
}

TEST_F(RepositoryTest, ALostKeyFolderSaysSo) {
  small_.Initialize();
  store_->Delete(Keys("keys/").at(0), {});
  Expect(ErrorKind::kCorrupt, "no key file", [&] { small_.Open(); });
}

TEST_F(RepositoryTest, ADamagedConfigIsCorrupt) {
  small_.Initialize();
  Bytes config = store_->Get("config", 1000, {});
  config[40] ^= 1;
  store_->Put("config", config, std::nullopt, {});
  Expect(ErrorKind::kCorrupt, "config", [&] { small_.Open(); });
  store_->Put("config", Bytes(1'000'000), std::nullopt, {});
  Expect(ErrorKind::kCorrupt, "", [&] { small_.Open(); });
}

TEST_F(RepositoryTest, AFutureVersionIsRefused) {
  small_.Initialize();
  const auto repository = small_.Open();
  RepositoryConfig future = repository->config();
  future.version = 3;
  store_->Put("config", repository->state().sealer.Seal(AsBytes(ConfigToJson(future))), std::nullopt, {});
  Expect(ErrorKind::kUsage, "format version 3", [&] { small_.Open(); });
}

TEST_F(RepositoryTest, ListsSnapshotsByTimeAndReadsEachOnce) {
  small_.Initialize();
  const auto repository = small_.Open();
  std::vector<Digest> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(test::StoreSnapshot(repository->state(), "/a", {std::to_string(i)}).id);
    small_.clock.Advance(std::chrono::seconds(1));
  }
  const auto other = small_.Open();
  store_->ResetCounts();
  const std::vector<Snapshot> snapshots = other->ListSnapshots({});
  ASSERT_EQ(snapshots.size(), 5u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(snapshots[i].id, ids[i]);
  EXPECT_EQ(store_->CountAll(), 6u);
  store_->Delete(KeyOf(FileKind::kSnapshot, ids[2]), {});
  store_->ResetCounts();
  EXPECT_EQ(other->ListSnapshots({}).size(), 4u);
  EXPECT_EQ(store_->CountAll(), 1u);
}

TEST_F(RepositoryTest, ADamagedSnapshotIsNamed) {
  small_.Initialize();
  const auto repository = small_.Open();
  const Snapshot snapshot = test::StoreSnapshot(repository->state(), "/a", {"x"});
  store_->Put(KeyOf(FileKind::kSnapshot, snapshot.id), AsBytes("junk"), std::nullopt, {});
  Expect(ErrorKind::kCorrupt, KeyOf(FileKind::kSnapshot, snapshot.id), [&] { small_.Open()->ListSnapshots({}); });
}

TEST_F(RepositoryTest, FindsASnapshotByPrefix) {
  small_.Initialize();
  const auto repository = small_.Open();
  const Snapshot snapshot = test::StoreSnapshot(repository->state(), "/a", {"x"});
  EXPECT_EQ(repository->FindSnapshot(snapshot.id.Hex(), {}).id, snapshot.id);
  EXPECT_EQ(repository->FindSnapshot(snapshot.id.Hex().substr(0, 8), {}).paths, snapshot.paths);
  Expect(ErrorKind::kUsage, "no snapshot id", [&] { repository->FindSnapshot("abc", {}); });
  Expect(ErrorKind::kUsage, "no snapshot id", [&] { repository->FindSnapshot("latest", {}); });
  Digest absent = snapshot.id;
  absent.bytes[0] ^= 1;
  Expect(ErrorKind::kNotFound, "", [&] { repository->FindSnapshot(absent.Hex(), {}); });

  Digest twin = snapshot.id;
  twin.bytes[31] ^= 1;
  store_->Put(KeyOf(FileKind::kSnapshot, twin), AsBytes("x"), std::nullopt, {});
  Expect(ErrorKind::kUsage, "more than one", [&] { repository->FindSnapshot(snapshot.id.Hex().substr(0, 8), {}); });
}

TEST_F(RepositoryTest, CountsEveryStoredByteOrThrows) {
  small_.Initialize();
  const auto repository = small_.Open();
  uint64_t bytes = 0;
  for (const storage::ObjectInfo& object : storage::ListAll(*store_, "", {})) bytes += object.size;
  EXPECT_EQ(repository->StoredBytes({}), bytes);
  store_->FailNth(1, FaultyStore::Fault::kHalf);
  EXPECT_THROW(repository->StoredBytes({}), Error);
}

TEST_F(RepositoryTest, KeepsSmallObjectsOfOurOwn) {
  small_.Initialize();
  const auto repository = small_.Open();
  EXPECT_FALSE(repository->ReadExtra("company", {}));
  repository->WriteExtra("company", AsBytes("{\"nit\":1}"), {});
  EXPECT_EQ(AsText(*repository->ReadExtra("company", {})), "{\"nit\":1}");
  EXPECT_THAT(std::string(AsText(store_->Get("cofre/company", 1000, {}))), Not(HasSubstr("nit")));
  store_->Put("cofre/company", AsBytes("junk"), std::nullopt, {});
  Expect(ErrorKind::kCorrupt, "cofre/company", [&] { repository->ReadExtra("company", {}); });
}

TEST_F(RepositoryTest, ARefreshReadsNewIndexFilesAndDropsVanishedOnes) {
  small_.Initialize();
  const auto repository = small_.Open();
  const auto other = small_.Open();
  test::StoreSnapshot(repository->state(), "/a", {"one"});
  test::StoreSnapshot(repository->state(), "/a", {"two"});
  other->state().RefreshIndex({});
  EXPECT_TRUE(other->state().index.Contains(BlobType::kData, Sha256(AsBytes("one"))));
  store_->ResetCounts();
  other->state().RefreshIndex({});
  EXPECT_EQ(store_->CountAll(), 1u);
  for (const std::string& key : Keys("index/")) store_->Delete(key, {});
  other->state().RefreshIndex({});
  EXPECT_EQ(other->state().index.blob_count(), 0u);
}

TEST_F(RepositoryTest, ATruncatedIndexIsNamedAndLeavesTheOldOneInPlace) {
  small_.Initialize();
  const auto repository = small_.Open();
  test::StoreSnapshot(repository->state(), "/a", {"one"});
  const auto other = small_.Open();
  other->state().RefreshIndex({});
  test::StoreSnapshot(repository->state(), "/a", {"two"});
  for (const std::string& key : Keys("index/")) {
    if (other->state().index.HasIndexFile(*IdOfKey(FileKind::kIndex, key))) continue;
    Bytes bytes = store_->Get(key, 100000, {});
    bytes.resize(bytes.size() / 2);
    store_->Put(key, bytes, std::nullopt, {});
    Expect(ErrorKind::kCorrupt, key, [&] { other->state().RefreshIndex({}); });
  }
  EXPECT_TRUE(other->state().index.Contains(BlobType::kData, Sha256(AsBytes("one"))));
}

TEST_F(RepositoryTest, KeysOfOtherFormsAreNotResticsObjects) {
  const Digest id = Sha256(AsBytes("x"));
  EXPECT_EQ(IdOfKey(FileKind::kPack, KeyOf(FileKind::kPack, id)), id);
  EXPECT_EQ(IdOfKey(FileKind::kIndex, KeyOf(FileKind::kIndex, id)), id);
  for (const std::string& key :
       {"data/" + id.Hex(), "data/00/" + id.Hex(), "index/" + id.Hex(), "data/" + id.Hex().substr(0, 2) + "/x"}) {
    EXPECT_FALSE(IdOfKey(FileKind::kPack, key)) << key;
  }
}

}  // namespace
}  // namespace cofre::repository
