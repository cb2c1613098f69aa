#include "base/digest.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace cofre {
namespace {

Bytes Repeated(uint8_t value, size_t count) { return Bytes(count, value); }

// FIPS 180-4's examples, as NIST publishes them.
TEST(Sha256Test, TheStandardsExamples) {
  EXPECT_EQ(Sha256({}).Hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256(AsBytes("abc")).Hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256(Repeated('a', 1'000'000)).Hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PiecesGiveWhatTheWholeGives) {
  Bytes data(10'000);
  SeededRandom random(3);
  random.Fill(data);
  Sha256Stream stream;
  for (size_t at = 0; at < data.size();) {
    const size_t length = std::min<size_t>(random.Below(200), data.size() - at);
    stream.Update(ByteView(data).subspan(at, length));
    at += length;
  }
  EXPECT_EQ(stream.Finish(), Sha256(data));
}

TEST(Sha256Test, AStreamOfNothingIsTheSumOfNothing) {
  Sha256Stream stream;
  Sha256Stream moved = std::move(stream);
  EXPECT_EQ(moved.Finish(), Sha256({}));
}

TEST(Sha256Test, ThreadsDoNotDisturbEachOther) {
  const Bytes data = Repeated('a', 1000);
  const Digest expected = Sha256(data);
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) EXPECT_EQ(Sha256(data), expected);
    });
  }
}

// RFC 4231, test cases 1, 2, 3 and 6.
TEST(HmacSha256Test, TheExamplesOfRfc4231) {
  EXPECT_EQ(HmacSha256(Repeated(0x0b, 20), AsBytes("Hi There")).Hex(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HmacSha256(AsBytes("Jefe"), AsBytes("what do ya want for nothing?")).Hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HmacSha256(Repeated(0xaa, 20), Repeated(0xdd, 50)).Hex(),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(HmacSha256(Repeated(0xaa, 131), AsBytes("Test Using Larger Than Block-Size Key - Hash Key First")).Hex(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256Test, AnEmptyKeyIsAKey) {
  EXPECT_EQ(HmacSha256({}, {}).Hex(), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

std::string Hkdf(ByteView key, ByteView salt, ByteView info, size_t length) {
  Bytes out(length);
  HkdfSha256(key, AsText(salt), AsText(info), out);
  return HexEncode(out);
}

// RFC 5869, test cases 1 to 3.
TEST(HkdfSha256Test, TheExamplesOfRfc5869) {
  EXPECT_EQ(Hkdf(Repeated(0x0b, 22), *HexDecode("000102030405060708090a0b0c"), *HexDecode("f0f1f2f3f4f5f6f7f8f9"), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  Bytes key(80);
  Bytes salt(80);
  Bytes info(80);
  for (size_t i = 0; i < 80; ++i) {
    key[i] = static_cast<uint8_t>(i);
    salt[i] = static_cast<uint8_t>(0x60 + i);
    info[i] = static_cast<uint8_t>(0xb0 + i);
  }
  EXPECT_EQ(Hkdf(key, salt, info, 82),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c"
            "2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(Hkdf(Repeated(0x0b, 22), {}, {}, 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfSha256Test, MoreThan255BlocksIsAnError) {
  EXPECT_NO_THROW(Hkdf(Repeated(1, 32), {}, {}, size_t{255} * 32));
  EXPECT_THROW(Hkdf(Repeated(1, 32), {}, {}, size_t{255} * 32 + 1), Error);
}

TEST(Md5Test, TheExamplesOfRfc1321) {
  EXPECT_EQ(HexEncode(Md5({})), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(HexEncode(Md5(AsBytes("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(DigestTest, ItsTextComesBack) {
  const Digest digest = Sha256(AsBytes("abc"));
  EXPECT_EQ(Digest::FromHex(digest.Hex()), digest);
}

TEST(DigestTest, OnlySixtyFourLowerCaseDigitsAreADigest) {
  const std::string good(64, 'a');
  EXPECT_TRUE(Digest::FromHex(good));
  EXPECT_FALSE(Digest::FromHex(good.substr(1)));
  EXPECT_FALSE(Digest::FromHex(good + "aa"));
  EXPECT_FALSE(Digest::FromHex(std::string(64, 'A')));
  EXPECT_FALSE(Digest::FromHex(std::string(63, 'a') + "g"));
  EXPECT_FALSE(Digest::FromHex(""));
}

TEST(DigestTest, OrderIsThatOfItsText) {
  EXPECT_LT(*Digest::FromHex("00" + std::string(62, 'f')), *Digest::FromHex("01" + std::string(62, '0')));
}

TEST(DigestTest, DifferentDigestsHashDifferently) {
  EXPECT_NE(DigestHash()(Sha256(AsBytes("a"))), DigestHash()(Sha256(AsBytes("b"))));
}

}  // namespace
}  // namespace cofre
