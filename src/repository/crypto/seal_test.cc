#include "repository/crypto/seal.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

#include "base/error.h"

namespace cofre::repository {
namespace {

Bytes Counting(size_t count, uint8_t first) {
  Bytes bytes(count);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

Nonce CountingNonce(uint8_t first) {
  Nonce nonce{};
  std::iota(nonce.begin(), nonce.end(), first);
  return nonce;
}

MasterKey VectorKey() { return MasterKey::FromBytes(Counting(64, 0)); }

std::string SealHex(std::string_view plain) {
  const Sealer sealer(VectorKey(), SystemRandom());
  Bytes out(plain.size() + kSealOverhead);
  sealer.SealWithNonce(AsBytes(plain), CountingNonce(0x40), out);
  return HexEncode(out);
}

template <typename Function>
ErrorKind KindOf(Function&& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::kUsage;
}

// Both from a repository that restic 0.14 read back.
TEST(SealTest, AgreesWithResticOnItsConfig) {
  EXPECT_EQ(SealHex("{\"version\":2}"),
            "404142434445464748494a4b4c4d4e4fd85ca95ae529d380fd5958f5f09651a27a9832038ec4757162e7aaeb72");
}

TEST(SealTest, AgreesWithResticOnNothing) {
  EXPECT_EQ(SealHex(""), "404142434445464748494a4b4c4d4e4f859469c07743c7e45b318d151d3d87e9");
}

TEST(SealTest, OpensWhatItSealedAtEveryLength) {
  SeededRandom random(1);
  const Sealer sealer(VectorKey(), random);
  for (const size_t length : {0, 1, 15, 16, 17, 63, 64, 65, 1000, 65536, 100001}) {
    Bytes plain(length);
    random.Fill(plain);
    EXPECT_EQ(sealer.Open(sealer.Seal(plain)), plain) << length;
  }
}

TEST(SealTest, OpensInPlace) {
  const Sealer sealer(VectorKey(), SystemRandom());
  const Bytes plain = Counting(200, 7);
  Bytes sealed = sealer.Seal(plain);
  sealer.Open(sealed, MutableBytes(sealed).subspan(16, plain.size()));
  EXPECT_EQ(Bytes(sealed.begin() + 16, sealed.end() - 16), plain);
}

TEST(SealTest, NoTwoSealsAreEqual) {
  const Sealer sealer(VectorKey(), SystemRandom());
  EXPECT_NE(sealer.Seal(Counting(10, 0)), sealer.Seal(Counting(10, 0)));
}

TEST(SealTest, EveryFlippedBitIsFound) {
  const Sealer sealer(VectorKey(), SystemRandom());
  const Bytes sealed = sealer.Seal(Counting(20, 0));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes damaged = sealed;
    damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_EQ(KindOf([&] { sealer.Open(damaged); }), ErrorKind::kCorrupt) << bit;
  }
}

TEST(SealTest, EveryTruncationIsFound) {
  const Sealer sealer(VectorKey(), SystemRandom());
  const Bytes sealed = sealer.Seal(Counting(20, 0));
  for (size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_EQ(KindOf([&] { sealer.Open(ByteView(sealed).first(length)); }), ErrorKind::kCorrupt) << length;
  }
}

TEST(SealTest, AKeyWithAPartOfZerosIsRefused) {
  for (const size_t begin : {0, 32, 48}) {
    Bytes bytes = Counting(64, 1);
    std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(begin), begin == 0 ? 32 : 16, uint8_t{0});
    EXPECT_EQ(KindOf([&] { Sealer(MasterKey::FromBytes(bytes), SystemRandom()); }), ErrorKind::kCorrupt) << begin;
  }
}

TEST(SealTest, ThreadsWithDifferentKeysDoNotDisturbEachOther) {
  std::vector<std::jthread> threads;
  for (uint8_t number = 1; number <= 4; ++number) {
    threads.emplace_back([number] {
      const Sealer sealer(MasterKey::FromBytes(Counting(64, number)), SystemRandom());
      const Sealer other(MasterKey::FromBytes(Counting(64, 100)), SystemRandom());
      const Bytes plain = Counting(1000, number);
      for (int i = 0; i < 200; ++i) {
        const Bytes sealed = sealer.Seal(plain);
        other.Seal(plain);
        EXPECT_EQ(sealer.Open(sealed), plain);
      }
    });
  }
}

}  // namespace
}  // namespace cofre::repository
