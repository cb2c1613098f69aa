#include "repository/index/blob_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace cofre::repository {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

Digest Id(const std::string& name) { return Sha256(AsBytes(name)); }

PackedBlob Blob(const std::string& name, uint32_t offset = 0, BlobType type = BlobType::kData) {
  return {Id(name), type, offset, 100, 70};
}

std::vector<IndexedPack> PacksOf(const BlobIndex& index) {
  std::vector<IndexedPack> packs;
  index.VisitPacks([&](const IndexedPack& pack) { packs.push_back(pack); });
  return packs;
}

TEST(BlobIndexTest, FindsWhatWasAddedAndNothingElse) {
  BlobIndex index;
  EXPECT_FALSE(index.Find(BlobType::kData, Id("a")));
  const std::vector<PackedBlob> blobs{Blob("a"), Blob("b", 100)};
  index.AddPack(Id("index"), Id("pack"), blobs);
  const auto found = index.Find(BlobType::kData, Id("b"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pack, Id("pack"));
  EXPECT_EQ(found->blob, blobs[1]);
  EXPECT_FALSE(index.Contains(BlobType::kTree, Id("b")));
  EXPECT_FALSE(index.Contains(BlobType::kData, Id("c")));
}

TEST(BlobIndexTest, DataAndTreesOfOneIdAreDifferentBlobs) {
  BlobIndex index;
  const std::vector<PackedBlob> data{Blob("a")};
  const std::vector<PackedBlob> trees{Blob("a", 0, BlobType::kTree)};
  index.AddPack(Id("index"), Id("data pack"), data);
  index.AddPack(Id("index"), Id("tree pack"), trees);
  EXPECT_EQ(index.Find(BlobType::kData, Id("a"))->pack, Id("data pack"));
  EXPECT_EQ(index.Find(BlobType::kTree, Id("a"))->pack, Id("tree pack"));
}

TEST(BlobIndexTest, HoldsManyBlobs) {
  BlobIndex index;
  constexpr int kPacks = 200;
  constexpr int kBlobs = 100;
  for (int pack = 0; pack < kPacks; ++pack) {
    std::vector<PackedBlob> blobs;
    for (int i = 0; i < kBlobs; ++i) {
      blobs.push_back(Blob(std::to_string(pack * kBlobs + i), static_cast<uint32_t>(i) * 100));
    }
    index.AddPack(Id("index"), Id("pack" + std::to_string(pack)), blobs);
  }
  EXPECT_EQ(index.blob_count(), size_t{kPacks * kBlobs});
  for (int i = 0; i < kPacks * kBlobs; ++i) {
    const auto found = index.Find(BlobType::kData, Id(std::to_string(i)));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->blob.offset, static_cast<uint32_t>(i % kBlobs) * 100);
    EXPECT_EQ(found->pack, Id("pack" + std::to_string(i / kBlobs)));
  }
}

TEST(BlobIndexTest, ForgetsWhatVanishedIndexFilesListed) {
  BlobIndex index;
  const std::vector<PackedBlob> a{Blob("a")};
  const std::vector<PackedBlob> b{Blob("b")};
  index.AddPack(Id("index 1"), Id("pack a"), a);
  index.AddPack(Id("index 2"), Id("pack b"), b);
  index.RemoveIndexFiles(std::vector{Id("index 1"), Id("never seen")});
  EXPECT_FALSE(index.Contains(BlobType::kData, Id("a")));
  EXPECT_EQ(index.Find(BlobType::kData, Id("b"))->pack, Id("pack b"));
  EXPECT_FALSE(index.HasPack(Id("pack a")));
  EXPECT_THAT(index.IndexFiles(), UnorderedElementsAre(Id("index 2")));
}

TEST(BlobIndexTest, KeepsAPackThatAnotherIndexFileListsToo) {
  BlobIndex index;
  const std::vector<PackedBlob> blobs{Blob("a")};
  index.AddPack(Id("index 1"), Id("pack"), blobs);
  index.AddPack(Id("index 2"), Id("pack"), blobs);
  EXPECT_EQ(index.blob_count(), 1u);
  index.RemoveIndexFiles(std::vector{Id("index 1")});
  EXPECT_TRUE(index.Contains(BlobType::kData, Id("a")));
  index.RemoveIndexFiles(std::vector{Id("index 2")});
  EXPECT_FALSE(index.Contains(BlobType::kData, Id("a")));
  EXPECT_THAT(PacksOf(index), IsEmpty());
}

TEST(BlobIndexTest, APackIsForgottenWhoeverListsIt) {
  BlobIndex index;
  const std::vector<PackedBlob> a{Blob("a")};
  const std::vector<PackedBlob> b{Blob("b")};
  index.AddPack(Id("index 1"), Id("pack a"), a);
  index.AddPack(Id("index 2"), Id("pack a"), a);
  index.AddPack(Id("index 2"), Id("pack b"), b);
  index.RemovePacks(std::vector{Id("pack a"), Id("never seen")});
  EXPECT_FALSE(index.Contains(BlobType::kData, Id("a")));
  EXPECT_TRUE(index.Contains(BlobType::kData, Id("b")));
  EXPECT_THAT(index.Packs(), UnorderedElementsAre(Id("pack b")));
  EXPECT_THAT(index.IndexFiles(), UnorderedElementsAre(Id("index 1"), Id("index 2")));
}

TEST(BlobIndexTest, ASecondCopyOutlivesTheFirst) {
  BlobIndex index;
  const std::vector<PackedBlob> blobs{Blob("a")};
  index.AddPack(Id("index 1"), Id("pack 1"), blobs);
  index.AddPack(Id("index 2"), Id("pack 2"), blobs);
  EXPECT_EQ(index.blob_count(), 2u);
  index.RemoveIndexFiles(std::vector{Id("index 1")});
  EXPECT_EQ(index.Find(BlobType::kData, Id("a"))->pack, Id("pack 2"));
}

TEST(BlobIndexTest, AnEmptyIndexFileIsRemembered) {
  BlobIndex index;
  index.AddIndexFile(Id("index"));
  EXPECT_TRUE(index.HasIndexFile(Id("index")));
  index.RemoveIndexFiles(std::vector{Id("index")});
  EXPECT_FALSE(index.HasIndexFile(Id("index")));
}

TEST(BlobIndexTest, APackListedInPartsHasAllItsBlobs) {
  BlobIndex index;
  const std::vector<PackedBlob> first{Blob("a"), Blob("b", 100)};
  const std::vector<PackedBlob> second{Blob("b", 100), Blob("c", 200)};
  index.AddPack(Id("index 1"), Id("pack"), first);
  index.AddPack(Id("index 2"), Id("pack"), second);
  const auto packs = PacksOf(index);
  ASSERT_EQ(packs.size(), 1u);
  EXPECT_EQ(packs[0].blobs, (std::vector{Blob("a"), Blob("b", 100), Blob("c", 200)}));
}

TEST(BlobIndexTest, KnowsHowLongAPackMustBe) {
  BlobIndex index;
  const std::vector<PackedBlob> blobs{Blob("a"), {Id("raw"), BlobType::kData, 100, 50, 0}};
  index.AddPack(Id("index"), Id("pack"), blobs);
  EXPECT_EQ(index.BlobsEnd(Id("pack")), 150u);
  EXPECT_EQ(index.FileBytes(Id("pack")), PackBytes(blobs));
  EXPECT_EQ(index.FileBytes(Id("unknown")), 0u);
}

}  // namespace
}  // namespace cofre::repository
