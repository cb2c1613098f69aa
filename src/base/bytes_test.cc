#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace cofre {
namespace {

TEST(HexTest, EveryByteSurvives) {
  Bytes bytes(256);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  const std::string text = HexEncode(bytes);
  EXPECT_EQ(text.substr(0, 8), "00010203");
  EXPECT_EQ(text.substr(504), "fcfdfeff");
  EXPECT_EQ(HexDecode(text), bytes);
}

TEST(HexTest, NothingIsNothing) {
  EXPECT_EQ(HexEncode({}), "");
  EXPECT_EQ(HexDecode(""), Bytes{});
}

TEST(HexTest, OnlyPairsOfLowerCaseDigitsAreAccepted) {
  for (const char* text : {"a", "abc", "0G", "AB", "0x", " a", "a ", "\xff\xff", "ab\n"}) {
    EXPECT_EQ(HexDecode(text), std::nullopt) << text;
  }
}

TEST(Base64Test, TheExamplesOfRfc4648) {
  const std::pair<const char*, const char*> examples[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, encoded] : examples) {
    EXPECT_EQ(Base64Encode(AsBytes(plain)), encoded);
    const auto decoded = Base64Decode(encoded);
    ASSERT_TRUE(decoded) << encoded;
    EXPECT_EQ(AsText(*decoded), plain);
  }
}

TEST(Base64Test, WhatIsEncodedComesBackAtEveryLength) {
  SeededRandom random(1);
  for (size_t length = 0; length < 200; ++length) {
    Bytes bytes(length);
    random.Fill(bytes);
    EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes) << length;
  }
}

TEST(Base64Test, AnythingElseIsRefused) {
  for (const char* text : {"Z", "Zg", "Zg=", "====", "Z===", "=Zg=", "Zg==Zg==", "Zm9-", "Zm9_", "Zm 9", "Zm9v\n",
                           "Zm9v----", "QUJD\n\n\n\n", "\xc3\xb1zz"}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

TEST(Base64Test, NoTwoTextsMeanTheSameBytes) {
  EXPECT_EQ(Base64Decode("Zg=="), Bytes{'f'});
  EXPECT_EQ(Base64Decode("Zh=="), std::nullopt);
  EXPECT_EQ(Base64Decode("Zm9="), std::nullopt);
}

TEST(BytesTest, IntegersAreLittleEndian) {
  Bytes bytes;
  AppendU32(bytes, 0x01020304);
  AppendU32(bytes, 0xfffffffe);
  EXPECT_EQ(bytes, (Bytes{4, 3, 2, 1, 0xfe, 0xff, 0xff, 0xff}));
  EXPECT_EQ(ReadU32(bytes.data()), 0x01020304U);
  EXPECT_EQ(ReadU32(bytes.data() + 4), 0xfffffffeU);
}

TEST(HumanBytesTest, TheUnitIsTheLargestThatFits) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(1023), "1023 B");
  EXPECT_EQ(HumanBytes(1024), "1.0 KiB");
  EXPECT_EQ(HumanBytes(1536), "1.5 KiB");
  EXPECT_EQ(HumanBytes(uint64_t{1} << 30), "1.0 GiB");
  EXPECT_EQ(HumanBytes(std::numeric_limits<uint64_t>::max()), "16777216.0 TiB");
}

TEST(HumanBytesTest, RoundingNeverGives1024OfAUnit) {
  EXPECT_EQ(HumanBytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(HumanBytes((1 << 20) - 60), "1023.9 KiB");
}

}  // namespace
}  // namespace cofre
