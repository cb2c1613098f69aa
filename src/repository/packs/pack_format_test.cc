#include "repository/packs/pack_format.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "repository/compression.h"
#include "repository/packs/pack_builder.h"

namespace cofre::repository {
namespace {

// Yields nonces that count up from 0x40, as in the vector.
class CountingRandom : public Random {
 public:
  void Fill(MutableBytes out) override {
    for (uint8_t& byte : out) byte = next_++;
  }

 private:
  uint8_t next_ = 0x40;
};

MasterKey VectorKey() {
  Bytes bytes(64);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  return MasterKey::FromBytes(bytes);
}

Bytes Entry(uint8_t type, uint32_t length, std::optional<uint32_t> plain_length) {
  Bytes entry{type};
  AppendU32(entry, length);
  if (plain_length) AppendU32(entry, *plain_length);
  entry.resize(entry.size() + 32, uint8_t{0xab});
  return entry;
}

void ExpectCorrupt(const std::function<void()>& function, const std::string& what) {
  try {
    function();
    ADD_FAILURE() << what << ": nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt) << what;
  }
}

// restic 0.14 read this pack.
TEST(PackTest, AgreesWithRestic) {
  CountingRandom random;
  const Sealer sealer(VectorKey(), random);
  PackBuilder builder;
  builder.Add(Sha256(AsBytes("hello")), BlobType::kData, 0, sealer.Seal(AsBytes("hello")));
  const FinishedPack pack = builder.Finish(sealer);
  EXPECT_EQ(pack.bytes.size(), 110u);
  EXPECT_EQ(pack.id.Hex(), "cee1def90626cd7aa36f24cea222705218789ffd126751256fe848eceb585b8b");
}

TEST(PackTest, AHeaderSaysWhatWasWritten) {
  const Sealer sealer(VectorKey(), SystemRandom());
  PackBuilder builder(1000);
  const std::string text(5000, 'x');
  builder.Add(Sha256(AsBytes("raw")), BlobType::kData, 0, sealer.Seal(AsBytes("raw")));
  builder.Add(Sha256(AsBytes(text)), BlobType::kData, 5000, sealer.Seal(Compress(AsBytes(text))));
  const uint64_t promised = builder.finished_bytes();
  const FinishedPack pack = builder.Finish(sealer);

  EXPECT_EQ(pack.bytes.size(), promised);
  EXPECT_EQ(pack.bytes.size(), PackBytes(pack.blobs));
  EXPECT_EQ(pack.id, Sha256(pack.bytes));
  const std::vector<PackedBlob> read = ReadPackHeader(pack.bytes, sealer);
  EXPECT_EQ(read, pack.blobs);
  EXPECT_EQ(read[1].offset, 35u);
  EXPECT_EQ(read[0].plain_length(), 3u);
  EXPECT_EQ(read[1].plain_length(), 5000u);
}

TEST(PackTest, ABuilderBeginsAnewAfterEachPack) {
  const Sealer sealer(VectorKey(), SystemRandom());
  PackBuilder builder;
  builder.Add(Sha256(AsBytes("a")), BlobType::kTree, 0, sealer.Seal(AsBytes("a")));
  builder.Finish(sealer);
  EXPECT_TRUE(builder.empty());
  EXPECT_EQ(builder.bytes(), 0u);
  builder.Add(Sha256(AsBytes("b")), BlobType::kTree, 0, sealer.Seal(AsBytes("b")));
  EXPECT_EQ(ReadPackHeader(builder.Finish(sealer).bytes, sealer).size(), 1u);
}

TEST(PackTest, AHostileHeaderIsRefused) {
  const auto refuse = [](Bytes header, const std::string& what) {
    ExpectCorrupt([&] { ParsePackHeader(header); }, what);
  };
  refuse(Entry(4, 100, 100), "unknown type");
  refuse(Entry(0, 31, std::nullopt), "shorter than a seal");
  refuse(Entry(2, 100, 0), "compressed to nothing");
  Bytes cut = Entry(2, 100, 100);
  cut.pop_back();
  refuse(cut, "truncated entry");
  Bytes beyond;
  for (int i = 0; i < 2; ++i) {
    const Bytes entry = Entry(0, 0x80000000, std::nullopt);
    beyond.insert(beyond.end(), entry.begin(), entry.end());
  }
  refuse(beyond, "beyond 4 GiB");
}

TEST(PackTest, AHeaderThatClaims4GbIsRefusedBeforeAnythingIsAllocated) {
  for (const uint32_t claim : {0xffffffffu, 0xfffffff0u, kMaxHeaderBytes + 1, 1000u, 31u, 0u}) {
    Bytes trailer;
    AppendU32(trailer, claim);
    ExpectCorrupt([&] { SealedHeaderBytes(trailer, 500); }, std::to_string(claim));
  }
  Bytes trailer;
  AppendU32(trailer, 496);
  EXPECT_EQ(SealedHeaderBytes(trailer, 500), 496u);
}

TEST(PackTest, EveryTruncationOfAPackIsFound) {
  const Sealer sealer(VectorKey(), SystemRandom());
  PackBuilder builder;
  builder.Add(Sha256(AsBytes("hello")), BlobType::kData, 0, sealer.Seal(AsBytes("hello")));
  const FinishedPack pack = builder.Finish(sealer);
  for (size_t length = 0; length < pack.bytes.size(); ++length) {
    ExpectCorrupt([&] { ReadPackHeader(ByteView(pack.bytes).first(length), sealer); }, std::to_string(length));
  }
  Bytes longer{0};
  longer.insert(longer.end(), pack.bytes.begin(), pack.bytes.end());
  ExpectCorrupt([&] { ReadPackHeader(longer, sealer); }, "longer");
}

TEST(PackTest, AFullPackTakesNoMore) {
  PackBuilder builder;
  EXPECT_TRUE(builder.Fits(1000));
  EXPECT_FALSE(builder.Fits(kMaxPackBytes));
}

}  // namespace
}  // namespace cofre::repository
