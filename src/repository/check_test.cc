#include "repository/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/faulty_store.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::FaultyStore;
using test::StoreSnapshot;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

class CheckTest : public testing::Test {
 protected:
  CheckTest() : store_(std::make_shared<FaultyStore>(std::make_shared<storage::MemoryStore>())), small_(store_) {
    small_.Initialize();
    repository_ = small_.Open();
    std::vector<std::string> pieces;
    for (uint64_t i = 0; i < 12; ++i) pieces.push_back(test::NoiseText(300, i));
    for (int day = 0; day < 3; ++day) {
      pieces[static_cast<size_t>(day)] = "day " + std::to_string(day);
      last_ = StoreSnapshot(State(), "/900869750/2025/CONTAB.fbk", pieces);
      small_.clock.Advance(std::chrono::hours(24));
    }
    repository_->WriteExtra("company", AsBytes("{}"), {});
  }

  Repository::State& State() { return repository_->state(); }

  CheckReport Run(bool read_data = true) { return Check(*repository_, {.read_data = read_data}, {}); }

  std::vector<std::string> Keys(const std::string& prefix = "") {
    std::vector<std::string> keys;
    for (const storage::ObjectInfo& object : storage::ListAll(*store_, prefix, {})) keys.push_back(object.key);
    return keys;
  }

  Bytes Read(const std::string& key) { return store_->Get(key, 1'000'000, {}); }
  void Write(const std::string& key, ByteView bytes) { store_->Put(key, bytes, std::nullopt, {}); }

  // Runs a check that must find something about `object`.
  void ExpectFound(const std::string& object, const std::string& what, bool read_data = true) {
    EXPECT_THAT(Run(read_data).problems, Contains(Field(&CheckProblem::object, object))) << what << " of " << object;
  }

  std::shared_ptr<FaultyStore> store_;
  test::SmallRepository small_;
  std::unique_ptr<Repository> repository_;
  Snapshot last_;
};

TEST_F(CheckTest, AHealthyRepositoryHasNeitherProblemsNorHints) {
  const CheckReport report = Run();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.hints, IsEmpty());
  EXPECT_EQ(report.snapshots, 3u);
  EXPECT_EQ(report.packs, Keys("data/").size());
  EXPECT_EQ(report.blobs, State().index.blob_count());
  uint64_t bytes = 0;
  for (const storage::ObjectInfo& object : storage::ListAll(*store_, "data/", {})) bytes += object.size;
  EXPECT_EQ(report.bytes_read, bytes);
  EXPECT_THAT(Keys("locks/"), IsEmpty());
}

TEST_F(CheckTest, EveryFlippedByteOfEveryObjectIsFound) {
  for (const std::string& key : Keys()) {
    const Bytes good = Read(key);
    // All of the small objects, samples of the large ones, the last bytes always.
    const size_t step = std::max<size_t>(1, good.size() / 40);
    for (size_t at = 0; at < good.size();
         at = at + step < good.size() || at + 1 == good.size() ? at + step : good.size() - 1) {
      Bytes bad = good;
      bad[at] ^= 0x40;
      Write(key, bad);
      ExpectFound(key, "byte " + std::to_string(at));
    }
    Write(key, good);
  }
  EXPECT_THAT(Run().problems, IsEmpty());
}

TEST_F(CheckTest, EveryCutOrGrownObjectIsFound) {
  for (const std::string& key : Keys()) {
    const Bytes good = Read(key);
    for (const size_t length : {size_t{0}, size_t{1}, good.size() / 2, good.size() - 1}) {
      Write(key, ByteView(good).first(length));
      ExpectFound(key, "the first " + std::to_string(length) + " bytes");
    }
    Bytes grown = good;
    grown.push_back(0);
    Write(key, grown);
    ExpectFound(key, "one byte more");
    Write(key, good);
  }
}

TEST_F(CheckTest, EveryMissingObjectButASnapshotIsFound) {
  for (const std::string& key : Keys()) {
    // A snapshot that is gone looks like one that was forgotten; our own objects are for their owner to miss.
    if (key.starts_with("snapshots/") || key.starts_with("cofre/")) continue;
    const Bytes good = Read(key);
    store_->Delete(key, {});
    EXPECT_THAT(Run().problems, testing::Not(IsEmpty())) << key;
    EXPECT_THAT(Run(false).problems, testing::Not(IsEmpty())) << key;
    Write(key, good);
  }
}

TEST_F(CheckTest, ObjectsThatChangedPlacesAreFound) {
  for (const std::string folder : {"data/", "index/", "snapshots/"}) {
    const std::vector<std::string> keys = Keys(folder);
    const Bytes first = Read(keys[0]);
    const Bytes second = Read(keys[1]);
    Write(keys[0], second);
    Write(keys[1], first);
    ExpectFound(keys[0], "another's content");
    ExpectFound(keys[1], "another's content");
    Write(keys[0], first);
    Write(keys[1], second);
  }
}

TEST_F(CheckTest, AMisnamedPackIsFound) {
  const std::string key = Keys("data/").at(0);
  const Bytes bytes = Read(key);
  store_->Delete(key, {});
  Write(KeyOf(FileKind::kPack, Sha256(AsBytes("another name"))), bytes);
  const CheckReport report = Run();
  EXPECT_THAT(report.problems, Contains(Field(&CheckProblem::object, key)));
  EXPECT_THAT(report.hints, Contains(HasSubstr("content is not what its name says")));
}

TEST_F(CheckTest, SizesAreComparedWithoutReadingPacks) {
  const std::string key = Keys("data/").at(0);
  Bytes bytes = Read(key);
  bytes.pop_back();
  Write(key, bytes);
  ExpectFound(key, "cut", false);
}

TEST_F(CheckTest, AnUnindexedPackIsOnlyAHint) {
  test::StorePack(State(), BlobType::kData, {"left by a crash"});
  const CheckReport report = Run();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.hints, ElementsAre(HasSubstr("is in no index")));
}

TEST_F(CheckTest, APackListedTwiceIsOnlyAHint) {
  std::vector<IndexedPack> packs;
  State().index.VisitPacks([&](const IndexedPack& pack) { packs.push_back(pack); });
  State().SaveIndex(std::span(packs).first(1), {});
  const CheckReport report = Run();
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.hints, ElementsAre(HasSubstr("more than one index file")));
}

TEST_F(CheckTest, AnIndexThatContradictsAnotherIsFound) {
  std::vector<IndexedPack> packs;
  State().index.VisitPacks([&](const IndexedPack& pack) { packs.push_back(pack); });
  packs[0].blobs.pop_back();
  State().SaveIndex(std::span(packs).first(1), {});
  EXPECT_THAT(Run().problems, Contains(Field(&CheckProblem::message, HasSubstr("than another index file"))));
}

// No restic finds these two.
TEST_F(CheckTest, AWrongUncompressedLengthIsFound) {
  PackBuilder builder;
  const std::string text = test::NoiseText(300, 99);
  builder.Add(Sha256(AsBytes(text)), BlobType::kData, 301, State().sealer.Seal(Compress(AsBytes(text))));
  const FinishedPack pack = builder.Finish(State().sealer);
  State().SavePack(pack, {});
  State().SaveIndex(std::vector{IndexedPack{pack.id, pack.blobs}}, {});
  ExpectFound(KeyOf(FileKind::kPack, pack.id), "uncompressed length");
}

TEST_F(CheckTest, AWrongFileSizeIsFound) {
  StoreSnapshot(State(), "/b", {"four"});
  const std::string tree =
      R"({"nodes":[{"name":"b","type":"file","size":5,"content":[")" + Sha256(AsBytes("four")).Hex() + R"("]}]})";
  State().SaveIndex(std::vector{test::StorePack(State(), BlobType::kTree, {tree})}, {});
  Snapshot snapshot;
  snapshot.tree = Sha256(AsBytes(tree));
  const Digest id = State().SaveUnpacked(FileKind::kSnapshot, SnapshotToJson(snapshot), {}).id;
  ExpectFound(KeyOf(FileKind::kSnapshot, id), "size", false);
}

TEST_F(CheckTest, AHeaderThatDiffersFromTheIndexIsFound) {
  // The index swaps the ids of two blobs of one length: sizes and offsets are right, contents are not.
  std::vector<IndexedPack> packs{test::StorePack(State(), BlobType::kData, {"one", "two"}, false)};
  std::swap(packs[0].blobs[0].id, packs[0].blobs[1].id);
  State().SaveIndex(packs, {});
  const CheckReport report = Run();
  EXPECT_THAT(report.problems, Contains(Field(&CheckProblem::message, HasSubstr("other blobs than the index"))));
}

TEST_F(CheckTest, GapsInAPackAreFound) {
  std::vector<IndexedPack> packs{test::StorePack(State(), BlobType::kData, {"one", "two"}, false)};
  packs[0].blobs[1].offset += 1;
  State().SaveIndex(packs, {});
  EXPECT_THAT(Run().problems, Contains(Field(&CheckProblem::message, HasSubstr("gaps"))));
}

TEST_F(CheckTest, NothingCachedIsTrusted) {
  repository_->ListSnapshots({});
  for (const std::string& key : Keys("index/")) Write(key, AsBytes("junk"));
  for (const std::string& key : Keys("snapshots/")) Write(key, AsBytes("junk"));
  ExpectFound(Keys("index/").at(0), "junk", false);
  ExpectFound(Keys("snapshots/").at(0), "junk", false);
}

TEST_F(CheckTest, AStoreThatDoesNotAnswerIsAnErrorAndNoDamage) {
  store_->FailNth(5, FaultyStore::Fault::kError);
  EXPECT_ERROR(Run(), ErrorKind::kTransient, testing::_);
}

TEST_F(CheckTest, CanBeCancelled) {
  std::stop_source source;
  source.request_stop();
  EXPECT_ERROR(Check(*repository_, {}, source.get_token()), ErrorKind::kCancelled, testing::_);
}

TEST_F(CheckTest, ACompleteSnapshotIsProvedWithThreeRequests) {
  store_->ResetCounts();
  RequireComplete(*repository_, last_.id, {});
  EXPECT_EQ(store_->CountAll(), 3u);
}

TEST_F(CheckTest, AnIncompleteSnapshotIsNeverProved) {
  const auto needed = [](const std::string& key) {
    return key.starts_with("data/") || key.starts_with("index/") || key.starts_with("snapshots/");
  };
  // Only the last snapshot, so that everything there is needed by it.
  for (const Snapshot& snapshot : repository_->ListSnapshots({})) {
    if (snapshot.id != last_.id) store_->Delete(KeyOf(FileKind::kSnapshot, snapshot.id), {});
  }
  int refused = 0;
  for (const std::string& key : Keys()) {
    if (!needed(key)) continue;
    const Bytes good = Read(key);
    store_->Delete(key, {});
    try {
      RequireComplete(*repository_, last_.id, {});
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.kind(), key.starts_with("snapshots/") ? ErrorKind::kNotFound : ErrorKind::kCorrupt) << key;
    }
    Write(key, good);
  }
  // Days one and two have a pack each of blobs and trees that the third no longer needs.
  EXPECT_GE(refused, 7);
  EXPECT_NO_THROW(RequireComplete(*repository_, last_.id, {}));
}

TEST_F(CheckTest, ANeededPackOfTheWrongSizeIsNotComplete) {
  const std::string key = KeyOf(FileKind::kPack, State().index.Find(BlobType::kData, Sha256(AsBytes("day 2")))->pack);
  Bytes bytes = Read(key);
  bytes.push_back(0);
  Write(key, bytes);
  EXPECT_ERROR((RequireComplete(*repository_, last_.id, {}), 0), ErrorKind::kCorrupt, HasSubstr(key));
}

}  // namespace
}  // namespace cofre::repository
