#include "repository/pipeline/split_policy.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kMiB = 1024 * 1024;

Digest AnyDigest(uint64_t seed) {
  Digest digest;
  SeededRandom(seed).Fill(digest.bytes);
  return digest;
}

TEST(SplitPolicyTest, AFirstBackupIsNotLookedInto) {
  EXPECT_FALSE(SplitPolicy(true, 0).LooksInside());
  EXPECT_TRUE(SplitPolicy(false, 0).LooksInside());
}

TEST(SplitPolicyTest, WhereNothingIsKnownFinePiecesEndAfterAFewMegabytes) {
  SplitPolicy policy(false, 0);
  EXPECT_TRUE(policy.PrefersFine(65'536, 0));
  policy.CountFine(4 * kMiB);
  EXPECT_FALSE(policy.PrefersFine(65'536, 0));
  EXPECT_TRUE(policy.PrefersFine(65'536, 40'000)) << "half of it is stored in fine pieces already";
  policy.CountKnown(kMiB);
  EXPECT_TRUE(policy.PrefersFine(65'536, 0)) << "what is known allows as much again";
}

TEST(SplitPolicyTest, OneStablePieceIn32SettlesEachDayAndAllInTheEnd) {
  size_t on_first_day = 0;
  size_t never = 0;
  for (uint64_t seed = 0; seed < 3200; ++seed) {
    const Digest piece = AnyDigest(seed);
    size_t days = 0;
    for (int64_t day = 20'000; day < 20'032; ++day) {
      SplitPolicy policy(false, day);
      EXPECT_FALSE(policy.Settles(piece)) << "a dump that has changed nothing must not be given a new list";
      policy.SomethingIsNew();
      const bool settles = policy.Settles(piece);
      days += settles ? 1 : 0;
      on_first_day += settles && day == 20'000 ? 1 : 0;
    }
    never += days == 1 ? 0 : 1;
  }
  EXPECT_EQ(never, 0);
  EXPECT_GT(on_first_day, 60);
  EXPECT_LT(on_first_day, 150);
}

TEST(SplitPolicyTest, StrongCompressionIsForTheLittleThatChanges) {
  SplitPolicy policy(false, 0);
  EXPECT_TRUE(policy.WorthStrongCompression(kMiB, true));
  EXPECT_FALSE(policy.WorthStrongCompression(1, true));
  policy.CountKnown(100 * kMiB);
  EXPECT_TRUE(policy.WorthStrongCompression(2 * kMiB, true));
  EXPECT_FALSE(policy.WorthStrongCompression(kMiB, true));
}

TEST(SplitPolicyTest, WhereTheBackupWaitsForItOnlyTheFirstLittleIsCompressedStrongly) {
  SplitPolicy policy(false, 0);
  EXPECT_TRUE(policy.WorthStrongCompression(64 * 1024, false));
  EXPECT_FALSE(policy.WorthStrongCompression(1, false));
  EXPECT_TRUE(policy.WorthStrongCompression(1, true));
}

}  // namespace
}  // namespace cofre::repository
