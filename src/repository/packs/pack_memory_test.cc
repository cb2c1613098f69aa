#include "repository/packs/pack_memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace cofre::repository {
namespace {

constexpr uint64_t kMiB = 1024 * 1024;

TEST(PackMemoryTest, AFewPacksAreAsLargeAsWanted) {
  PackMemory memory(160 * kMiB);
  std::vector<PackMemory::Share> shares;
  for (int i = 0; i < 7; ++i) {
    shares.push_back(memory.Take(16 * kMiB));
    EXPECT_EQ(shares.back().bytes(), 16 * kMiB);
  }
}

TEST(PackMemoryTest, TheMoreThereAreTheSmallerTheyAre) {
  PackMemory memory(160 * kMiB);
  std::vector<PackMemory::Share> shares;
  uint64_t sum = 0;
  for (int i = 0; i < 60; ++i) {
    shares.push_back(memory.Take(16 * kMiB));
    sum += shares.back().bytes();
    EXPECT_GE(shares.back().bytes(), kSmallestPackBytes);
  }
  EXPECT_EQ(shares.back().bytes(), kSmallestPackBytes);
  EXPECT_LT(sum, 250 * kMiB);
}

TEST(PackMemoryTest, WhatIsGivenBackIsThereForTheNext) {
  PackMemory memory(32 * kMiB);
  std::vector<PackMemory::Share> shares;
  for (int i = 0; i < 20; ++i) shares.push_back(memory.Take(16 * kMiB));
  PackMemory::Share moved = std::move(shares.front());
  shares.clear();
  moved = PackMemory::Share();
  EXPECT_EQ(memory.Take(16 * kMiB).bytes(), 8 * kMiB);
}

TEST(PackMemoryTest, LessThanTheSmallestIsGivenWhereNoMoreIsWanted) {
  EXPECT_EQ(PackMemory(0).Take(5000).bytes(), 5000);
}

}  // namespace
}  // namespace cofre::repository
