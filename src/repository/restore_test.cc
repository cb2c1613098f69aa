#include "repository/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repository/restore/content_stream.h"
#include "tests/support/expect_error.h"
#include "tests/support/faulty_store.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using test::BufferSink;
using test::FaultyStore;
using test::NoiseText;
using test::RestoreText;
using test::StoreSnapshot;
using testing::AllOf;
using testing::HasSubstr;

class RestoreTest : public testing::Test {
 protected:
  RestoreTest() : store_(std::make_shared<FaultyStore>(std::make_shared<storage::MemoryStore>())), small_(store_) {
    small_.Initialize();
    repository_ = small_.Open();
  }

  Repository::State& State() { return repository_->state(); }

  std::vector<std::string> Pieces(size_t count, size_t length = 500) {
    std::vector<std::string> pieces;
    for (size_t i = 0; i < count; ++i) pieces.push_back(NoiseText(length, i));
    return pieces;
  }

  // A snapshot with these root nodes.
  Snapshot StoreTree(const std::string& json) {
    State().SaveIndex(std::vector{test::StorePack(State(), BlobType::kTree, {json})}, {});
    Snapshot snapshot;
    snapshot.tree = Sha256(AsBytes(json));
    snapshot.id = State().SaveUnpacked(FileKind::kSnapshot, SnapshotToJson(snapshot), {}).id;
    return snapshot;
  }

  std::string PackOf(const std::string& piece) {
    return KeyOf(FileKind::kPack, State().index.Find(BlobType::kData, Sha256(AsBytes(piece)))->pack);
  }

  void ExpectNothingFinished(const Snapshot& snapshot, ErrorKind kind, const std::string& message) {
    BufferSink sink;
    EXPECT_ERROR((RestoreFile(*small_.Open(), snapshot, sink, nullptr, {}), 0), kind, HasSubstr(message));
    EXPECT_FALSE(sink.finished());
  }

  std::shared_ptr<FaultyStore> store_;
  test::SmallRepository small_;
  std::unique_ptr<Repository> repository_;
};

TEST_F(RestoreTest, GivesBackTheBytesOfEachSnapshot) {
  std::vector<std::string> pieces = Pieces(50);
  const Snapshot first = StoreSnapshot(State(), "/900869750/2025/CONTAB.fbk", pieces);
  const std::string before = test::Join(pieces);
  pieces[7] = "changed";
  pieces.insert(pieces.begin() + 20, pieces[3]);
  const Snapshot second = StoreSnapshot(State(), "/900869750/2025/CONTAB.fbk", pieces);
  EXPECT_EQ(RestoreText(*repository_, first), before);
  EXPECT_EQ(RestoreText(*small_.Open(), second), test::Join(pieces));
}

TEST_F(RestoreTest, GivesBackRawBlobsAndEmptyFiles) {
  const std::vector<std::string> pieces = Pieces(5);
  EXPECT_EQ(RestoreText(*repository_, StoreSnapshot(State(), "/a", pieces, 2, false)), test::Join(pieces));
  EXPECT_EQ(RestoreText(*repository_, StoreSnapshot(State(), "/b", {})), "");
}

TEST_F(RestoreTest, LeavesNoLockAndTakesASharedOne) {
  const Snapshot snapshot = StoreSnapshot(State(), "/a", {"x"});
  RestoreText(*repository_, snapshot);
  EXPECT_TRUE(storage::ListAll(*store_, "locks/", {}).empty());
}

TEST_F(RestoreTest, ReadsInFewRequests) {
  const Snapshot snapshot = StoreSnapshot(State(), "/x/y/z", Pieces(200), 50);
  const auto repository = small_.Open();
  store_->ResetCounts();
  RestoreText(*repository, snapshot);
  EXPECT_EQ(store_->Count(FaultyStore::Operation::kGetRange), 1u + 4u) << "one tree pack, four data packs";
}

TEST_F(RestoreTest, ReportsItsProgress) {
  const Snapshot snapshot = StoreSnapshot(State(), "/a", Pieces(4));
  RestoreProgress progress;
  BufferSink sink;
  RestoreFile(*repository_, snapshot, sink, &progress, {});
  EXPECT_EQ(progress.bytes_total, 2000u);
  EXPECT_EQ(progress.bytes_written, 2000u);
}

TEST_F(RestoreTest, ADamagedBlobIsNamedAndNeverReachesTheSink) {
  const std::vector<std::string> pieces = Pieces(20);
  const Snapshot snapshot = StoreSnapshot(State(), "/a", pieces, 1);
  const std::string pack = PackOf(pieces[10]);
  Bytes bytes = store_->Get(pack, 100000, {});
  bytes[50] ^= 1;
  store_->Put(pack, bytes, std::nullopt, {});
  BufferSink sink;
  EXPECT_ERROR((RestoreFile(*repository_, snapshot, sink, nullptr, {}), 0), ErrorKind::kCorrupt,
               AllOf(HasSubstr(pack), HasSubstr("data blob")));
  EXPECT_EQ(sink.text(), test::Join({pieces.begin(), pieces.begin() + 10}));
  EXPECT_FALSE(sink.finished());
}

TEST_F(RestoreTest, AMissingPackIsNamed) {
  const std::vector<std::string> pieces = Pieces(20);
  const Snapshot snapshot = StoreSnapshot(State(), "/a", pieces);
  const std::string pack = PackOf(pieces[10]);
  store_->Delete(pack, {});
  ExpectNothingFinished(snapshot, ErrorKind::kCorrupt, "pack " + pack + " is missing");
}

TEST_F(RestoreTest, AMissingTreePackIsNamed) {
  const Snapshot snapshot = StoreSnapshot(State(), "/a", {"x"});
  const std::string pack = KeyOf(FileKind::kPack, State().index.Find(BlobType::kTree, snapshot.tree)->pack);
  store_->Delete(pack, {});
  ExpectNothingFinished(snapshot, ErrorKind::kCorrupt, "pack " + pack + " is missing");
}

TEST_F(RestoreTest, ATruncatedIndexIsNamed) {
  const Snapshot snapshot = StoreSnapshot(State(), "/a", {"x"});
  const std::string index = storage::ListAll(*store_, "index/", {}).at(0).key;
  store_->Put(index, AsBytes("x"), std::nullopt, {});
  ExpectNothingFinished(snapshot, ErrorKind::kCorrupt, index);
}

TEST_F(RestoreTest, ASizeThatItsBlobsDoNotHaveIsFoundBeforeTheFirstByte) {
  StoreSnapshot(State(), "/a", {"1234"});
  const Snapshot snapshot = StoreTree(R"({"nodes":[{"name":"a","type":"file","size":5,"content":[")" +
                                      Sha256(AsBytes("1234")).Hex() + R"("]}]})");
  BufferSink sink;
  EXPECT_ERROR((RestoreFile(*repository_, snapshot, sink, nullptr, {}), 0), ErrorKind::kCorrupt,
               HasSubstr("/a should have 5 bytes, but its blobs have 4"));
  EXPECT_TRUE(sink.text().empty());
}

TEST_F(RestoreTest, ASnapshotThatWasRemovedIsNotFound) {
  const Snapshot snapshot = StoreSnapshot(State(), "/a", {"x"});
  for (const storage::ObjectInfo& object : storage::ListAll(*store_, "", {})) {
    if (object.key != "config" && !object.key.starts_with("keys/")) store_->Delete(object.key, {});
  }
  ExpectNothingFinished(snapshot, ErrorKind::kNotFound, "has been removed");
}

TEST_F(RestoreTest, OfSeveralFilesOneIsChosenByPath) {
  StoreSnapshot(State(), "/dir/b", {"bbb"});
  const std::string file =
      R"({"name":"b","type":"file","size":3,"content":[")" + Sha256(AsBytes("bbb")).Hex() + R"("]})";
  const std::string inner = R"({"nodes":[)" + file + "]}";
  State().SaveIndex(std::vector{test::StorePack(State(), BlobType::kTree, {inner})}, {});
  const Snapshot snapshot =
      StoreTree(R"({"nodes":[{"name":"a\\\" ñ","type":"file","content":[]},{"name":"dir","type":"dir","subtree":")" +
                Sha256(AsBytes(inner)).Hex() + R"("},{"name":"l","type":"symlink"}]})");

  const std::vector<SnapshotFile> files = ListFiles(*repository_, snapshot, {});
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].path, "/a\" ñ");
  EXPECT_EQ(files[1].path, "/dir/b");
  EXPECT_EQ(files[1].size, 3u);

  ExpectNothingFinished(snapshot, ErrorKind::kUsage, "more than one file");
  BufferSink sink;
  RestorePath(*repository_, snapshot, "/dir/b", sink, nullptr, {});
  EXPECT_EQ(sink.text(), "bbb");
  const auto refuse = [&](const std::string& path, ErrorKind kind) {
    EXPECT_ERROR((RestorePath(*repository_, snapshot, path, sink, nullptr, {}), 0), kind, testing::_);
  };
  refuse("/dir/c", ErrorKind::kNotFound);
  refuse("/dir", ErrorKind::kUsage);
  refuse("/dir/b/c", ErrorKind::kUsage);
  refuse("/l", ErrorKind::kUsage);
}

TEST_F(RestoreTest, FoldersWithoutEndAreRefused) {
  const std::string name(10, 'd');
  Digest tree = Sha256(AsBytes(R"({"nodes":[]})"));
  std::vector<std::string> trees{R"({"nodes":[]})"};
  for (int i = 0; i < 300; ++i) {
    trees.push_back(R"({"nodes":[{"name":"d","type":"dir","subtree":")" + tree.Hex() + R"("}]})");
    tree = Sha256(AsBytes(trees.back()));
  }
  State().SaveIndex(std::vector{test::StorePack(State(), BlobType::kTree, trees)}, {});
  Snapshot snapshot;
  snapshot.tree = tree;
  snapshot.id = State().SaveUnpacked(FileKind::kSnapshot, SnapshotToJson(snapshot), {}).id;
  ExpectNothingFinished(snapshot, ErrorKind::kCorrupt, "too deeply");
  EXPECT_ERROR(ListFiles(*repository_, snapshot, {}), ErrorKind::kCorrupt, HasSubstr("too deeply"));
}

TEST_F(RestoreTest, CanBeCancelledWhileItWrites) {
  struct CancellingSink : BufferSink {
    void Write(ByteView data) override {
      BufferSink::Write(data);
      source.request_stop();
    }
    std::stop_source source;
  } sink;
  // Far more than is read ahead, so that it cannot be over already.
  StreamLimits limits;
  limits.fetch.window_bytes = 2000;
  limits.memory_bytes = 4000;
  const Snapshot snapshot = StoreSnapshot(State(), "/a", Pieces(100), 10);
  std::vector<Digest> content;
  for (const std::string& piece : Pieces(100)) content.push_back(Sha256(AsBytes(piece)));
  EXPECT_ERROR((StreamContent(
                    State(), content, limits, [&](ByteView plain) { sink.Write(plain); }, sink.source.get_token()),
                0),
               ErrorKind::kCancelled, testing::_);
  EXPECT_ERROR((RestoreFile(*repository_, snapshot, sink, nullptr, sink.source.get_token()), 0), ErrorKind::kCancelled,
               testing::_);
  EXPECT_FALSE(sink.finished());
  EXPECT_TRUE(storage::ListAll(*store_, "locks/", {}).empty());
}

TEST_F(RestoreTest, WhatTheSinkThrowsComesOut) {
  struct FullSink : BufferSink {
    void Write(ByteView) override { throw Error(ErrorKind::kPermanent, "no space left"); }
  } sink;
  const Snapshot snapshot = StoreSnapshot(State(), "/a", Pieces(100), 10);
  EXPECT_ERROR((RestoreFile(*repository_, snapshot, sink, nullptr, {}), 0), ErrorKind::kPermanent,
               HasSubstr("no space left"));
}

// Every limit so small that windows, requests and memory run out all the time.
TEST_F(RestoreTest, TinyLimitsChangeNothingButTheSpeed) {
  std::vector<std::string> pieces = Pieces(300, 100);
  for (size_t i = 0; i < 300; i += 7) pieces.push_back(pieces[i]);
  StoreSnapshot(State(), "/a", pieces, 13);
  std::vector<Digest> content;
  for (const std::string& piece : pieces) content.push_back(Sha256(AsBytes(piece)));
  for (const uint64_t window : {1, 300, 1000, 5000}) {
    for (const size_t requests : {1, 3}) {
      StreamLimits limits;
      limits.fetch = {.window_bytes = window, .window_blobs = 17, .range_bytes = 400, .gap_bytes = 100};
      limits.memory_bytes = 2 * window;
      limits.requests = requests;
      std::string text;
      StreamContent(State(), content, limits, [&](ByteView plain) { text += AsText(plain); }, {});
      EXPECT_EQ(text, test::Join(pieces)) << window << " " << requests;
    }
  }
}

}  // namespace
}  // namespace cofre::repository
