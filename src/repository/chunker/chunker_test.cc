#include "repository/chunker/chunker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "repository/backup.h"

namespace cofre::repository {
namespace {

Bytes Noise(size_t size, uint64_t seed) {
  Bytes bytes(size);
  SeededRandom(seed).Fill(bytes);
  return bytes;
}

const GearTable& Table() {
  static const GearTable table = GearTable::FromKey(AsBytes("a key"));
  return table;
}

// The lengths of all pieces, when the stream comes in steps of what `step` returns.
template <typename Step>
std::vector<size_t> Cut(ByteView stream, const BlobSizes& sizes, const GearTable& table, Step step) {
  Chunker chunker(table, sizes);
  std::vector<size_t> lengths;
  size_t open = 0;
  while (!stream.empty()) {
    ByteView read = stream.first(std::min<size_t>(stream.size(), step()));
    stream = stream.subspan(read.size());
    while (!read.empty()) {
      const auto end = chunker.FindEnd(read);
      open += end.value_or(read.size());
      EXPECT_EQ(chunker.length(), end ? 0 : open);
      read = read.subspan(end.value_or(read.size()));
      if (!end) continue;
      lengths.push_back(open);
      open = 0;
    }
  }
  if (open > 0) lengths.push_back(open);
  return lengths;
}

std::vector<size_t> Cut(ByteView stream, uint32_t average) {
  return Cut(stream, SizesForAverage(average), Table(), [] { return size_t{1} << 20; });
}

std::set<Bytes> Pieces(ByteView stream, const std::vector<size_t>& lengths) {
  std::set<Bytes> pieces;
  for (const size_t length : lengths) {
    pieces.emplace(stream.begin(), stream.begin() + length);
    stream = stream.subspan(length);
  }
  return pieces;
}

TEST(ChunkerTest, CutsAreTheSameHoweverTheStreamIsRead) {
  const Bytes stream = Noise(600'000, 1);
  const BlobSizes sizes = SizesForAverage(4096);
  const auto whole = Cut(stream, sizes, Table(), [&] { return stream.size(); });
  EXPECT_GT(whole.size(), 50);
  for (const size_t step : {1, 7, 63, 64, 65, 1000, 1024, 4096, 16384, 65536}) {
    EXPECT_EQ(Cut(stream, sizes, Table(), [&] { return step; }), whole) << "in steps of " << step;
  }
  SeededRandom random(2);
  EXPECT_EQ(Cut(stream, sizes, Table(), [&] { return 1 + random.Below(5000); }), whole);
}

TEST(ChunkerTest, CutsOfAFixedKeyAndStreamNeverChange) {
  // If this fails, backups made by an earlier version are not found again.
  EXPECT_THAT(Cut(Noise(100'000, 3), 16 * 1024), testing::ElementsAre(26044, 19693, 12745, 26167, 15351));
}

TEST(ChunkerTest, LengthsStayWithinTheLimits) {
  const Bytes stream = Noise(8'000'000, 4);
  for (const uint32_t average : {1024U, 4096U, 65536U}) {
    auto lengths = Cut(stream, average);
    lengths.pop_back();
    const auto [least, most] = std::minmax_element(lengths.begin(), lengths.end());
    EXPECT_GE(*least, average / 4);
    EXPECT_LE(*most, average * 4);
    const double mean = static_cast<double>(stream.size()) / static_cast<double>(lengths.size());
    EXPECT_GT(mean, 0.9 * average);
    EXPECT_LT(mean, 1.3 * average);
  }
}

TEST(ChunkerTest, AStreamWithoutFeaturesIsCutAtTheMaximum) {
  const Bytes zeros(100'000, 0);
  const auto lengths = Cut(zeros, 4096);
  EXPECT_EQ(std::vector<size_t>(lengths.begin(), lengths.end() - 1), std::vector<size_t>(6, 16384));
}

TEST(ChunkerTest, ShortStreamsAreOnePiece) {
  for (const size_t size : {size_t{1}, size_t{64}, size_t{1023}, size_t{1024}}) {
    EXPECT_EQ(Cut(Noise(size, 5), 4096), std::vector<size_t>{size});
  }
}

TEST(ChunkerTest, AfterAnInsertionTheSamePiecesComeBack) {
  const Bytes before = Noise(2'000'000, 6);
  SeededRandom random(7);
  for (int round = 0; round < 20; ++round) {
    Bytes after = before;
    const Bytes inserted = Noise(1 + random.Below(300), 100 + round);
    after.insert(after.begin() + random.Below(before.size()), inserted.begin(), inserted.end());
    const auto old_pieces = Pieces(before, Cut(before, 4096));
    const auto new_pieces = Pieces(after, Cut(after, 4096));
    size_t changed = 0;
    for (const Bytes& piece : new_pieces) changed += old_pieces.contains(piece) ? 0 : 1;
    EXPECT_LE(changed, 12) << "of " << new_pieces.size() << " in round " << round;
  }
}

TEST(ChunkerTest, AnotherKeyCutsElsewhere) {
  const Bytes stream = Noise(1'000'000, 8);
  const GearTable other = GearTable::FromKey(AsBytes("another key"));
  const auto step = [] { return size_t{65536}; };
  EXPECT_NE(Cut(stream, SizesForAverage(4096), Table(), step), Cut(stream, SizesForAverage(4096), other, step));
}

TEST(ChunkerTest, AResetForgetsWhatCameBefore) {
  const Bytes stream = Noise(100'000, 9);
  Chunker fresh(Table(), SizesForAverage(4096));
  Chunker used(Table(), SizesForAverage(4096));
  used.FindEnd(Noise(1500, 10));
  used.Reset();
  EXPECT_EQ(used.FindEnd(stream), fresh.FindEnd(stream));
}

TEST(BlobSizesTest, OnlyPowersOfTwoWithinTheLimitsAreAverages) {
  for (const uint32_t wrong : {0U, 512U, 1000U, 65537U, 8U << 20}) {
    EXPECT_THROW(SizesForAverage(wrong), Error) << wrong;
  }
  EXPECT_EQ(SizesForAverage(65536), (BlobSizes{.minimum = 16384, .average = 65536, .maximum = 262144}));
  EXPECT_NO_THROW(SizesForAverage(kSmallestAverageBlobBytes));
  EXPECT_NO_THROW(SizesForAverage(kLargestAverageBlobBytes));
}

TEST(BlobSizesTest, LargerStreamsAreCutIntoLargerPieces) {
  EXPECT_EQ(ChooseAverageBlobBytes(0), kDefaultAverageBlobBytes);
  uint32_t last = 0;
  for (uint64_t bytes = 1; bytes < uint64_t{1} << 45; bytes *= 2) {
    const uint32_t average = ChooseAverageBlobBytes(bytes);
    EXPECT_NO_THROW(SizesForAverage(average));
    EXPECT_GE(average, last);
    last = average;
  }
  EXPECT_EQ(ChooseAverageBlobBytes(1 << 20), 16 * 1024);
  EXPECT_EQ(ChooseAverageBlobBytes(100 << 20), 64 * 1024);
}

}  // namespace
}  // namespace cofre::repository
