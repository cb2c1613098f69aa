#include "repository/packs/blob_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "repository/compression.h"

namespace cofre::repository {
namespace {

using testing::HasSubstr;

class BlobDecoderTest : public testing::Test {
 protected:
  PackedBlob Describe(std::string_view plain, const Bytes& sealed, uint32_t uncompressed_length) {
    return {Sha256(AsBytes(plain)), BlobType::kData, 0, static_cast<uint32_t>(sealed.size()), uncompressed_length};
  }

  void ExpectCorrupt(const PackedBlob& blob, ByteView sealed, const std::string& why) {
    try {
      decoder_.Decode(blob, sealed);
      ADD_FAILURE() << "decoded";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
      EXPECT_THAT(error.what(), HasSubstr("data blob " + blob.id.Hex()));
      EXPECT_THAT(error.what(), HasSubstr(why));
    }
  }

  const Sealer sealer_{MasterKey::Generate(SystemRandom()), SystemRandom()};
  BlobDecoder decoder_{sealer_};
  const std::string text_ = std::string(1000, 'a') + std::string(1000, 'b');
};

TEST_F(BlobDecoderTest, GivesBackRawAndCompressedBlobs) {
  const Bytes raw = sealer_.Seal(AsBytes(text_));
  EXPECT_EQ(AsText(decoder_.Decode(Describe(text_, raw, 0), raw)), text_);
  const Bytes compressed = sealer_.Seal(Compress(AsBytes(text_)));
  EXPECT_EQ(AsText(decoder_.Decode(Describe(text_, compressed, 2000), compressed)), text_);
}

TEST_F(BlobDecoderTest, ABlobOfNoLengthIsOne) {
  const Bytes sealed = sealer_.Seal(ByteView{});
  EXPECT_TRUE(decoder_.Decode(Describe("", sealed, 0), sealed).empty());
}

TEST_F(BlobDecoderTest, ADamagedSealIsFound) {
  Bytes sealed = sealer_.Seal(AsBytes(text_));
  const PackedBlob blob = Describe(text_, sealed, 0);
  sealed[500] ^= 1;
  ExpectCorrupt(blob, sealed, "authentication");
}

TEST_F(BlobDecoderTest, ACutBlobIsFound) {
  const Bytes sealed = sealer_.Seal(AsBytes(text_));
  ExpectCorrupt(Describe(text_, sealed, 0), ByteView(sealed).first(100), "cut short");
}

TEST_F(BlobDecoderTest, AWellSealedBlobOfAnotherIdIsFound) {
  const Bytes sealed = sealer_.Seal(AsBytes(text_));
  ExpectCorrupt(Describe("something else", sealed, 0), sealed, "content");
}

// No restic checks this.
TEST_F(BlobDecoderTest, AWrongUncompressedLengthIsFound) {
  const Bytes sealed = sealer_.Seal(Compress(AsBytes(text_)));
  ExpectCorrupt(Describe(text_, sealed, 1999), sealed, "");
  ExpectCorrupt(Describe(text_, sealed, 2001), sealed, "shorter than claimed");
}

TEST_F(BlobDecoderTest, AClaimOf4GbIsRefusedBeforeAnythingIsAllocated) {
  const Bytes sealed = sealer_.Seal(Compress(AsBytes(text_)));
  ExpectCorrupt(Describe(text_, sealed, 0xffffffff), sealed, "larger than any blob");
}

}  // namespace
}  // namespace cofre::repository
