#include "repository/restore/fetch_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::repository {
namespace {

using testing::ElementsAre;

Digest Id(const std::string& name) { return Sha256(AsBytes(name)); }

std::vector<Digest> Ids(const std::vector<std::string>& names) {
  std::vector<Digest> ids;
  for (const std::string& name : names) ids.push_back(Id(name));
  return ids;
}

class FetchPlanTest : public testing::Test {
 protected:
  FetchPlanTest() {
    // Pack 1: a b c d of 100 bytes each; pack 2: x y, with 400 bytes between them.
    Add("pack 1", {{"a", 0}, {"b", 100}, {"c", 200}, {"d", 300}});
    Add("pack 2", {{"x", 0}, {"y", 500}});
    limits_.gap_bytes = 100;
  }

  void Add(const std::string& pack, const std::vector<std::pair<std::string, uint32_t>>& blobs, uint32_t length = 100) {
    std::vector<PackedBlob> packed;
    for (const auto& [name, offset] : blobs) packed.push_back({Id(name), BlobType::kData, offset, length, 0});
    index_.AddPack(Id("index"), Id(pack), packed);
  }

  // Ranges as "pack+offset:length", and how the plan's blobs use them.
  std::vector<std::string> Plan(const std::vector<std::string>& content) {
    window_ = PlanFetch(Ids(content), index_, limits_);
    std::vector<std::string> ranges;
    for (const FetchRange& range : window_.ranges) {
      ranges.push_back((range.pack == Id("pack 1") ? "1+" : "2+") + std::to_string(range.offset) + ":" +
                       std::to_string(range.length));
    }
    return ranges;
  }

  std::vector<size_t> RangesUsed() const {
    std::vector<size_t> used;
    for (const FetchBlob& blob : window_.blobs) used.push_back(blob.range);
    return used;
  }

  BlobIndex index_;
  FetchLimits limits_;
  FetchWindow window_;
};

TEST_F(FetchPlanTest, NeighboursComeWithOneRequest) {
  EXPECT_THAT(Plan({"a", "b", "c"}), ElementsAre("1+0:300"));
  EXPECT_EQ(window_.bytes, 300u);
}

TEST_F(FetchPlanTest, ASmallGapIsReadAlongAndALargeOneIsNot) {
  EXPECT_THAT(Plan({"a", "c"}), ElementsAre("1+0:300"));
  EXPECT_THAT(Plan({"a", "d"}), ElementsAre("1+0:100", "1+300:100"));
  EXPECT_THAT(Plan({"x", "y"}), ElementsAre("2+0:100", "2+500:100"));
}

TEST_F(FetchPlanTest, GapsNeverMakeUpMoreThanAWindow) {
  limits_.window_bytes = 250;
  limits_.gap_bytes = 1000;
  EXPECT_THAT(Plan({"x", "y"}), ElementsAre("2+0:100", "2+500:100"));
}

TEST_F(FetchPlanTest, WhatTheFileHasApartComesTogether) {
  EXPECT_THAT(Plan({"a", "x", "b", "y", "c"}), ElementsAre("1+0:300", "2+0:100", "2+500:100"));
  EXPECT_THAT(RangesUsed(), ElementsAre(0, 1, 0, 2, 0));
  EXPECT_EQ(window_.ranges[0].uses, 3u);
}

TEST_F(FetchPlanTest, RangesAreInTheOrderOfTheirFirstUse) {
  EXPECT_THAT(Plan({"y", "d", "a", "x"}), ElementsAre("2+500:100", "1+300:100", "1+0:100", "2+0:100"));
  EXPECT_THAT(RangesUsed(), ElementsAre(0, 1, 2, 3));
}

TEST_F(FetchPlanTest, ARepeatedBlobComesOnce) {
  EXPECT_THAT(Plan({"a", "a", "b", "a"}), ElementsAre("1+0:200"));
  EXPECT_EQ(window_.ranges[0].uses, 4u);
  EXPECT_EQ(window_.blobs.size(), 4u);
}

TEST_F(FetchPlanTest, AWindowEndsAtItsLimits) {
  limits_.window_bytes = 250;
  EXPECT_THAT(Plan({"a", "b", "a", "c"}), ElementsAre("1+0:200"));
  EXPECT_EQ(window_.blobs.size(), 3u);
  limits_.window_blobs = 2;
  EXPECT_THAT(Plan({"a", "a", "a"}), ElementsAre("1+0:100"));
  EXPECT_EQ(window_.blobs.size(), 2u);
}

TEST_F(FetchPlanTest, ARequestEndsAtItsLimit) {
  limits_.range_bytes = 200;
  EXPECT_THAT(Plan({"a", "b", "c", "d"}), ElementsAre("1+0:200", "1+200:200"));
}

TEST_F(FetchPlanTest, ABlobAboveEveryLimitComesAlone) {
  Add("pack 2", {{"large", 1000}}, 5000);
  limits_.window_bytes = 250;
  limits_.range_bytes = 200;
  EXPECT_THAT(Plan({"large", "a"}), ElementsAre("2+1000:5000"));
}

TEST_F(FetchPlanTest, UnknownBlobsAndClaimsOf4GbAreRefused) {
  EXPECT_THROW(Plan({"a", "unknown"}), Error);
  index_.AddPack(Id("index"), Id("pack 3"), std::vector<PackedBlob>{{Id("h1"), BlobType::kData, 0, 0xffffffff, 0}});
  EXPECT_THROW(Plan({"h1"}), Error);
  index_.AddPack(Id("index"), Id("pack 4"), std::vector<PackedBlob>{{Id("h2"), BlobType::kData, 0, 99, 0xffffffff}});
  EXPECT_THROW(Plan({"h2"}), Error);
}

}  // namespace
}  // namespace cofre::repository
