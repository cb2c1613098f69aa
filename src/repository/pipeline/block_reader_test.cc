#include "repository/pipeline/block_reader.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/streams.h"

namespace cofre::repository {
namespace {

using test::BufferSource;
using test::Noise;

const GearTable& Table() {
  static const GearTable table = GearTable::FromKey(AsBytes("key"));
  return table;
}

struct Read {
  Bytes bytes;                    // of all blocks
  std::vector<uint32_t> lengths;  // of all pieces
  size_t blocks = 0;
};

Read ReadBlocks(ByteSource& source, size_t block_bytes, bool is_awaited = false) {
  std::atomic<uint64_t> bytes_read{0};
  PlainStream stream(source);
  BlockReader reader(
      stream, Table(), SizesForAverage(4096), block_bytes, [=] { return is_awaited; }, bytes_read);
  Block block(reader.block_capacity());
  Read read;
  while (reader.Fill(block)) {
    EXPECT_EQ(block.number, read.blocks++);
    uint64_t sum = 0;
    for (const uint32_t length : block.lengths) sum += length;
    // What follows the last piece belongs to the next block.
    EXPECT_LE(sum, block.used);
    read.bytes.insert(read.bytes.end(), block.memory.get(), block.memory.get() + sum);
    read.lengths.insert(read.lengths.end(), block.lengths.begin(), block.lengths.end());
    block.Clear();
  }
  EXPECT_EQ(bytes_read, read.bytes.size());
  return read;
}

TEST(BlockReaderTest, BlocksHoldTheWholeStreamCutAsIfItWereOne) {
  const Bytes stream = Noise(500'000, 1);
  BufferSource whole(stream, stream.size());
  const Read expected = ReadBlocks(whole, 1 << 20);
  EXPECT_EQ(expected.blocks, 1);
  EXPECT_EQ(expected.bytes, stream);
  for (const size_t block_bytes : {1, 1000, 4096, 16'384, 100'000}) {
    for (const size_t step : {1, 333, 4096, 70'000}) {
      BufferSource source(stream, step);
      const Read read = ReadBlocks(source, block_bytes);
      EXPECT_EQ(read.bytes, stream);
      EXPECT_EQ(read.lengths, expected.lengths);
      EXPECT_GT(read.blocks, 1);
    }
  }
}

TEST(BlockReaderTest, ASixteenthOfABlockIsEnoughForAWorkerThatWaits) {
  const Bytes stream = Noise(1 << 20, 1);
  BufferSource source(stream, stream.size());
  const Read unhurried = ReadBlocks(source, 256 * 1024);
  BufferSource again(stream, stream.size());
  const Read awaited = ReadBlocks(again, 256 * 1024, true);
  EXPECT_EQ(awaited.lengths, unhurried.lengths);
  EXPECT_LE(unhurried.blocks, 5);
  EXPECT_GE(awaited.blocks, 32);
  EXPECT_LE(awaited.blocks, 65);
}

TEST(BlockReaderTest, AnEmptyStreamGivesNoBlock) {
  BufferSource source(Bytes{});
  EXPECT_EQ(ReadBlocks(source, 1000).blocks, 0);
}

TEST(BlockReaderTest, AStreamThatEndsWithAPieceGivesNoEmptyOne) {
  BufferSource source(Bytes(3 * 16'384, 0));
  EXPECT_EQ(ReadBlocks(source, 16'384).lengths, std::vector<uint32_t>(3, 16'384));
}

TEST(BlockReaderTest, AFailureOfTheSourceComesThrough) {
  auto source = test::FailingSource(Noise(100'000, 2), 50'000, Error(ErrorKind::kTransient, "gone"));
  EXPECT_THROW(ReadBlocks(source, 1 << 20), Error);
}

}  // namespace
}  // namespace cofre::repository
