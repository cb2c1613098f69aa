#include "repository/compression.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include "base/error.h"
#include "base/random.h"

namespace cofre::repository {
namespace {

void ExpectCorrupt(const std::function<void()>& function) {
  try {
    function();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
  }
}

// Frames without a content size, as a streaming writer makes them.
Bytes CompressStreaming(ByteView plain) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  Bytes out(ZSTD_compressBound(plain.size()));
  ZSTD_inBuffer in{plain.data(), plain.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  while (ZSTD_compressStream2(context, &target, &in, ZSTD_e_flush) != 0) {
  }
  while (ZSTD_compressStream2(context, &target, &in, ZSTD_e_end) != 0) {
  }
  ZSTD_freeCCtx(context);
  out.resize(target.pos);
  return out;
}

TEST(CompressionTest, GivesBackWhatItTook) {
  SeededRandom random(3);
  for (const size_t length : {0, 1, 1000, 1000000}) {
    Bytes plain(length);
    random.Fill(MutableBytes(plain).first(length / 2));
    EXPECT_EQ(Decompress(Compress(plain), 1000000), plain);
    Bytes exact(length);
    DecompressExactly(Compress(plain), exact);
    EXPECT_EQ(exact, plain);
  }
}

TEST(CompressionTest, ReadsFramesOfUnknownLength) {
  const Bytes plain(300000, 'x');
  const Bytes frames = CompressStreaming(plain);
  EXPECT_EQ(Decompress(frames, 300000), plain);
  ExpectCorrupt([&] { Decompress(frames, 299999); });
}

TEST(CompressionTest, ReadsFramesThatFollowEachOther) {
  Bytes frames = Compress(AsBytes("one "));
  const Bytes second = Compress(AsBytes("two"));
  frames.insert(frames.end(), second.begin(), second.end());
  EXPECT_EQ(AsText(Decompress(frames, 100)), "one two");
}

TEST(CompressionTest, ABombIsRefusedAtItsLimit) {
  const Bytes bomb = Compress(Bytes(50'000'000, 0));
  EXPECT_LT(bomb.size(), 10'000u);
  ExpectCorrupt([&] { Decompress(bomb, 1'000'000); });
  ExpectCorrupt([&] { Decompress(CompressStreaming(Bytes(50'000'000, 0)), 1'000'000); });
}

TEST(CompressionTest, EveryTruncationIsFound) {
  const Bytes frame = Compress(AsBytes("a few words, a few words, and some more"));
  for (size_t length = 0; length < frame.size(); ++length) {
    ExpectCorrupt([&] { Decompress(ByteView(frame).first(length), 1000); });
    Bytes exact(39);
    ExpectCorrupt([&] { DecompressExactly(ByteView(frame).first(length), exact); });
  }
}

TEST(CompressionTest, WhatIsNoFrameIsRefused) {
  ExpectCorrupt([] { Decompress(AsBytes("{\"packs\":[]}"), 1000); });
  ExpectCorrupt([] {
    Bytes frame = Compress(AsBytes("x"));
    frame.push_back('y');
    Decompress(frame, 1000);
  });
}

}  // namespace
}  // namespace cofre::repository
