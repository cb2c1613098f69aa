#include "repository/packs/blob_encoder.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "repository/packs/blob_decoder.h"
#include "tests/support/streams.h"

namespace cofre::repository {
namespace {

class BlobEncoderTest : public testing::Test {
 protected:
  EncodedBlob Encode(ByteView plain, int level = kFastCompression) {
    return encoder_.Encode(BlobType::kData, Sha256(plain), plain, level);
  }
  Bytes Decode(const EncodedBlob& blob) {
    const PackedBlob packed{.id = blob.id,
                            .type = blob.type,
                            .length = static_cast<uint32_t>(blob.sealed.size()),
                            .uncompressed_length = blob.uncompressed_length};
    BlobDecoder decoder(sealer_);
    const ByteView plain = decoder.Decode(packed, blob.sealed);
    return {plain.begin(), plain.end()};
  }

  Sealer sealer_{MasterKey::Generate(SystemRandom()), SystemRandom()};
  BlobEncoder encoder_{sealer_};
};

TEST_F(BlobEncoderTest, WhatRepeatsIsCompressedAndReadsBack) {
  const Bytes plain(50'000, 'a');
  for (const int level : {kFastCompression, kStrongCompression}) {
    const EncodedBlob blob = Encode(plain, level);
    EXPECT_EQ(blob.uncompressed_length, plain.size());
    EXPECT_LT(blob.sealed.size(), 200);
    EXPECT_EQ(Decode(blob), plain);
  }
}

TEST_F(BlobEncoderTest, WhatDoesNotCompressIsStoredRaw) {
  const Bytes plain = test::Noise(50'000, 1);
  const EncodedBlob blob = Encode(plain);
  EXPECT_EQ(blob.uncompressed_length, 0);
  EXPECT_EQ(blob.plain_length, plain.size());
  EXPECT_EQ(blob.sealed.size(), plain.size() + kSealOverhead);
  EXPECT_EQ(Decode(blob), plain);
}

TEST_F(BlobEncoderTest, BuffersOfALargeBlobDoNotShowInASmallOne) {
  Encode(test::Noise(100'000, 2));
  const Bytes small{1, 2, 3};
  EXPECT_EQ(Decode(Encode(small)), small);
}

TEST_F(BlobEncoderTest, AnythingThatDoesNotReadBackIsCaught) {
  const Bytes plain(5'000, 'a');
  const EncodedBlob good = Encode(plain);
  const Bytes sealed(good.sealed.begin(), good.sealed.end());
  const auto refuses = [&](EncodedBlob blob, ByteView original) {
    try {
      encoder_.RequireReadsBack(blob, original);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::kCorrupt;
    }
    return false;
  };
  EncodedBlob same = good;
  same.sealed = sealed;
  EXPECT_FALSE(refuses(same, plain));

  Bytes flipped = sealed;
  flipped[20] ^= 1;
  EncodedBlob damaged = same;
  damaged.sealed = flipped;
  EXPECT_TRUE(refuses(damaged, plain));

  Bytes other = plain;
  other[4'000] ^= 1;
  EXPECT_TRUE(refuses(same, other));
  EXPECT_TRUE(refuses(same, ByteView(plain).first(4'999)));

  // No restic checks this number, yet a restore goes by it.
  for (const uint32_t wrong : {0U, 4'999U, 5'001U}) {
    EncodedBlob lying = same;
    lying.uncompressed_length = wrong;
    EXPECT_TRUE(refuses(lying, plain)) << wrong;
  }
}

}  // namespace
}  // namespace cofre::repository
