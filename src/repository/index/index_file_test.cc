#include "repository/index/index_file.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::repository {
namespace {

Digest Id(std::string_view name) { return Sha256(AsBytes(name)); }

std::vector<IndexedPack> Parse(const std::string& json) {
  std::vector<IndexedPack> packs;
  ParseIndex(AsBytes(json), [&](const Digest& pack, std::span<const PackedBlob> blobs) {
    packs.push_back({pack, {blobs.begin(), blobs.end()}});
  });
  return packs;
}

std::string Hex(char digit) { return std::string(64, digit); }

std::string WithBlob(const std::string& members) {
  return R"({"packs":[{"id":")" + Hex('a') + R"(","blobs":[{"id":")" + Hex('b') + "\"" + members + "}]}]}";
}

TEST(IndexFileTest, IsWrittenAsResticWritesIt) {
  IndexWriter writer;
  const std::vector<PackedBlob> blobs{{Id("x"), BlobType::kData, 0, 100, 0}, {Id("y"), BlobType::kTree, 100, 50, 70}};
  writer.AddPack(Id("p"), blobs);
  writer.AddPack(Id("q"), {});
  EXPECT_EQ(writer.pack_count(), 2u);
  EXPECT_EQ(writer.blob_count(), 2u);
  EXPECT_EQ(writer.Finish(), R"({"packs":[{"id":")" + Id("p").Hex() + R"(","blobs":[{"id":")" + Id("x").Hex() +
                                 R"(","type":"data","offset":0,"length":100},{"id":")" + Id("y").Hex() +
                                 R"(","type":"tree","offset":100,"length":50,"uncompressed_length":70}]},{"id":")" +
                                 Id("q").Hex() + R"(","blobs":[]}]})");
  EXPECT_EQ(writer.Finish(), R"({"packs":[]})");
}

TEST(IndexFileTest, GivesBackWhatWasWritten) {
  IndexWriter writer;
  const std::vector<PackedBlob> blobs{{Id("x"), BlobType::kData, 0, 100, 0}, {Id("y"), BlobType::kTree, 100, 50, 70}};
  writer.AddPack(Id("p"), blobs);
  writer.AddPack(Id("q"), std::span(blobs).first(1));
  const std::vector<IndexedPack> packs = Parse(writer.Finish());
  ASSERT_EQ(packs.size(), 2u);
  EXPECT_EQ(packs[0].id, Id("p"));
  EXPECT_EQ(packs[0].blobs, blobs);
  EXPECT_EQ(packs[1].blobs.size(), 1u);
}

TEST(IndexFileTest, TakesFieldsThatItDoesNotKnow) {
  const auto packs = Parse(R"({"supersedes":["x"],"packs":[{"time":null,"id":")" + Hex('a') +
                           R"(","blobs":[{"x":{},"type":"data","id":")" + Hex('b') +
                           R"(","offset":1,"length":32}],"size":5}],"packs_to_delete":[]})");
  ASSERT_EQ(packs.size(), 1u);
  EXPECT_EQ(packs[0].blobs[0].offset, 1u);
}

TEST(IndexFileTest, AnEmptyIndexIsOne) {
  EXPECT_TRUE(Parse(R"({"packs":[]})").empty());
  EXPECT_TRUE(Parse(R"({"packs":null})").empty());
}

TEST(IndexFileTest, HostileIndexesAreRefused) {
  const std::string good = WithBlob(R"(,"type":"data","offset":0,"length":100)");
  EXPECT_NO_THROW(Parse(good));
  for (const std::string& json :
       {WithBlob(R"(,"type":"data","offset":0,"length":31)"), WithBlob(R"(,"type":"data","offset":0)"),
        WithBlob(R"(,"type":"blob","offset":0,"length":100)"), WithBlob(R"(,"offset":0,"length":100)"),
        WithBlob(R"(,"type":"data","offset":4294967296,"length":100)"),
        WithBlob(R"(,"type":"data","offset":4294967290,"length":100)"),
        WithBlob(R"(,"type":"data","offset":0,"length":100,"uncompressed_length":4294967296)"),
        WithBlob(R"(,"type":"data","offset":-1,"length":100)"), std::string(R"({"packs":[{"blobs":[]}]})"),
        std::string("{}"), std::string("[]"), std::string(), good + "{}", good.substr(0, good.size() - 1),
        std::string(R"({"packs":[{"id":"abc","blobs":[]}]})")}) {
    try {
      Parse(json);
      ADD_FAILURE() << json << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCorrupt) << json;
    }
  }
}

TEST(IndexFileTest, EveryTruncationIsFound) {
  const std::string good = WithBlob(R"(,"type":"data","offset":0,"length":100)");
  for (size_t length = 0; length < good.size(); ++length) EXPECT_THROW(Parse(good.substr(0, length)), Error) << length;
}

}  // namespace
}  // namespace cofre::repository
