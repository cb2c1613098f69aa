#include "repository/prune/prune_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::repository {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Digest Id(const std::string& name) { return Sha256(AsBytes(name)); }

// Packs of blobs of 1 MiB each, so that none is small unless a test wants it.
class PrunePlanTest : public testing::Test {
 protected:
  static constexpr uint32_t kBlobBytes = 1 << 20;

  void Add(const std::string& pack, const std::vector<std::string>& blobs, uint32_t length = kBlobBytes,
           BlobType type = BlobType::kData) {
    IndexedPack indexed{Id(pack), {}};
    uint32_t offset = 0;
    for (const std::string& blob : blobs) {
      indexed.blobs.push_back({Id(blob), type, offset, length, 0});
      offset += length;
    }
    stored_[indexed.id] = PackBytes(indexed.blobs);
    indexed_.push_back(indexed);
  }

  void Use(const std::vector<std::string>& blobs) {
    for (const std::string& blob : blobs) used_.data.insert(Id(blob));
  }

  PrunePlan Plan(double max_unused = 0.05) {
    return PlanPrune(indexed_, stored_, used_, {.max_unused = max_unused, .dry_run = false});
  }

  static std::vector<Digest> Kept(const PrunePlan& plan) {
    std::vector<Digest> ids;
    for (const IndexedPack& pack : plan.keep) ids.push_back(pack.id);
    return ids;
  }
  static std::vector<Digest> Repacked(const PrunePlan& plan) {
    std::vector<Digest> ids;
    for (const PrunedPack& pack : plan.repack) ids.push_back(pack.id);
    return ids;
  }

  std::vector<IndexedPack> indexed_;
  PackSizes stored_;
  UsedBlobs used_;
};

TEST_F(PrunePlanTest, WhatIsUsedStaysAndWhatIsNotGoes) {
  Add("used", {"a", "b"});
  Add("unused", {"c"});
  Use({"a", "b"});
  const PrunePlan plan = Plan();
  EXPECT_THAT(Kept(plan), ElementsAre(Id("used")));
  EXPECT_THAT(plan.remove, ElementsAre(Id("unused")));
  EXPECT_THAT(Repacked(plan), IsEmpty());
  EXPECT_TRUE(plan.changes_packs());
}

TEST_F(PrunePlanTest, WithNothingUnusedThereIsNothingToDo) {
  Add("used", {"a", "b"});
  Use({"a", "b"});
  const PrunePlan plan = Plan();
  EXPECT_FALSE(plan.changes_packs());
  EXPECT_EQ(plan.unused_bytes_left, 0u);
  EXPECT_EQ(plan.bytes_before, stored_[Id("used")]);
}

TEST_F(PrunePlanTest, TheMostWastefulPacksAreRepackedUntilLittleIsUnused) {
  Add("one of four", {"a", "-1", "-2", "-3"});
  Add("three of four", {"b", "c", "d", "-4"});
  Use({"a", "b", "c", "d"});
  PrunePlan plan = Plan(0.25);
  EXPECT_THAT(Repacked(plan), ElementsAre(Id("one of four")));
  EXPECT_EQ(plan.repack[0].used.size(), 1u);
  EXPECT_EQ(plan.unused_bytes_left, kBlobBytes);
  EXPECT_EQ(plan.bytes_moved, kBlobBytes);
  plan = Plan(0);
  EXPECT_THAT(Repacked(plan), UnorderedElementsAre(Id("one of four"), Id("three of four")));
  EXPECT_EQ(plan.unused_bytes_left, 0u);
  EXPECT_THAT(Repacked(Plan(1)), IsEmpty());
}

TEST_F(PrunePlanTest, OfTwoCopiesOneStays) {
  Add("alone", {"a"});
  Add("together", {"a", "b", "c"});
  Use({"a", "b", "c"});
  const PrunePlan plan = Plan();
  EXPECT_THAT(Kept(plan), ElementsAre(Id("together")));
  EXPECT_THAT(plan.remove, ElementsAre(Id("alone")));
}

TEST_F(PrunePlanTest, TenSmallPacksOfATypeAreMergedAndNineAreNot) {
  for (int i = 0; i < 9; ++i) Add("small " + std::to_string(i), {std::to_string(i)}, 1000);
  for (int i = 0; i < 9; ++i) Use({std::to_string(i)});
  EXPECT_THAT(Repacked(Plan()), IsEmpty());
  Add("small 9", {"9"}, 1000);
  Add("large", {"x"});
  Use({"9", "x"});
  EXPECT_EQ(Repacked(Plan()).size(), 10u);
  EXPECT_THAT(Kept(Plan()), ElementsAre(Id("large")));
}

TEST_F(PrunePlanTest, APackThatNoIndexListsGoes) {
  stored_[Id("orphan")] = 1000;
  const PrunePlan plan = Plan();
  EXPECT_THAT(plan.unindexed, ElementsAre(Id("orphan")));
  EXPECT_FALSE(plan.changes_packs());
}

TEST_F(PrunePlanTest, AMissingPackIsForgottenWhereNothingNeedsIt) {
  Add("lost", {"a"});
  Add("there", {"b"});
  Use({"b"});
  stored_.erase(Id("lost"));
  const PrunePlan plan = Plan();
  EXPECT_THAT(plan.lost, ElementsAre(Id("lost")));
  EXPECT_TRUE(plan.changes_packs());
  Use({"a"});
  EXPECT_THROW(Plan(), Error);
}

TEST_F(PrunePlanTest, AMissingPackIsForgottenWhereACopyIsElsewhere) {
  Add("lost", {"a"});
  Add("copy", {"a"});
  Use({"a"});
  stored_.erase(Id("lost"));
  EXPECT_THAT(Kept(Plan()), ElementsAre(Id("copy")));
}

TEST_F(PrunePlanTest, APackOfTheWrongSizeHoldsNothing) {
  Add("cut", {"a"});
  stored_[Id("cut")] -= 1;
  EXPECT_THAT(Plan().remove, ElementsAre(Id("cut")));
  Use({"a"});
  try {
    Plan();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
  }
}

TEST_F(PrunePlanTest, AMixedPackIsTakenApart) {
  Add("mixed", {"a", "t"});
  indexed_[0].blobs[1].type = BlobType::kTree;
  Use({"a"});
  used_.trees.insert(Id("t"));
  EXPECT_THAT(Repacked(Plan()), ElementsAre(Id("mixed")));
}

}  // namespace
}  // namespace cofre::repository
