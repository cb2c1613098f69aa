#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace cofre {
namespace {

TEST(SeededRandomTest, TheSameSeedGivesTheSameSequence) {
  SeededRandom first(42);
  SeededRandom second(42);
  SeededRandom other(43);
  const uint64_t value = first.Next();
  EXPECT_EQ(second.Next(), value);
  EXPECT_NE(other.Next(), value);
}

// The generator's published first outputs for seed 1234567 (splitmix64.c of Vigna).
TEST(SeededRandomTest, IsSplitmix64) {
  SeededRandom random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317U);
  EXPECT_EQ(random.Next(), 3203168211198807973U);
  EXPECT_EQ(random.Next(), 9817491932198370423U);
}

TEST(SeededRandomTest, FillsEveryLengthAndNoMore) {
  for (size_t length = 0; length < 20; ++length) {
    Bytes bytes(length + 1, 0xee);
    SeededRandom random(length + 1);
    random.Fill(MutableBytes(bytes).first(length));
    EXPECT_EQ(bytes.back(), 0xee) << length;
  }
}

TEST(RandomTest, AFractionIsBelowOne) {
  SeededRandom random(1);
  double least = 1;
  double most = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double fraction = random.Fraction();
    least = std::min(least, fraction);
    most = std::max(most, fraction);
  }
  EXPECT_GE(least, 0);
  EXPECT_LT(least, 0.01);
  EXPECT_LT(most, 1);
  EXPECT_GT(most, 0.99);
}

TEST(RandomTest, BelowGivesEachValueAboutEquallyOften) {
  SeededRandom random(1);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts[random.Below(6)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(RandomTest, BelowStaysBelowAtTheEdges) {
  SeededRandom random(1);
  const uint64_t large = (uint64_t{1} << 63) + 1;  // about half of all draws are rejected
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(random.Below(1), 0U);
    EXPECT_LT(random.Below(large), large);
  }
}

TEST(SystemRandomTest, NeverRepeats) {
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) {
    Bytes bytes(16);
    SystemRandom().Fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(SystemRandomTest, FillingNothingIsAllowed) { SystemRandom().Fill({}); }

}  // namespace
}  // namespace cofre
