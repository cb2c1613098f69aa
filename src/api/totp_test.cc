#include "api/totp.h"

#include <gtest/gtest.h>

namespace cofre::api {
namespace {

const ByteView kSecret = AsBytes("12345678901234567890");

TimePoint At(int64_t seconds) { return TimePoint(std::chrono::seconds(seconds)); }

TEST(TotpTest, TheCodesOfRfc4226AppendixD) {
  const std::vector<std::string> codes{"755224", "287082", "359152", "969429", "338314",
                                       "254676", "287922", "162583", "399871", "520489"};
  for (size_t i = 0; i < codes.size(); ++i) EXPECT_EQ(HotpCode(kSecret, i), codes[i]);
}

TEST(TotpTest, TheCodesOfRfc6238AppendixB) {
  const std::vector<std::pair<int64_t, std::string>> codes{{59, "94287082"},         {1111111109, "07081804"},
                                                           {1111111111, "14050471"}, {1234567890, "89005924"},
                                                           {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : codes) {
    // The last one is beyond what nanoseconds since 1970 can hold.
    EXPECT_EQ(HotpCode(kSecret, static_cast<uint64_t>(seconds / 30), 8), code);
    if (seconds < 9'000'000'000) {
      EXPECT_EQ(TotpStep(At(seconds)), seconds / 30);
    }
  }
}

TEST(TotpTest, ACodeIsGoodInItsHalfMinuteAndOneBesides) {
  const std::string code = HotpCode(kSecret, 100);
  EXPECT_FALSE(MatchTotp(kSecret, code, At(98 * 30 + 29)));
  EXPECT_EQ(MatchTotp(kSecret, code, At(99 * 30)), 100);
  EXPECT_EQ(MatchTotp(kSecret, code, At(100 * 30)), 100);
  EXPECT_EQ(MatchTotp(kSecret, code, At(101 * 30 + 29)), 100);
  EXPECT_FALSE(MatchTotp(kSecret, code, At(102 * 30)));
  EXPECT_FALSE(MatchTotp(kSecret, "", At(3000)));
  EXPECT_FALSE(MatchTotp(kSecret, code + "0", At(3000)));
}

TEST(TotpTest, Base32IsAsInRfc4648) {
  EXPECT_EQ(Base32Encode(AsBytes("")), "");
  EXPECT_EQ(Base32Encode(AsBytes("f")), "MY");
  EXPECT_EQ(Base32Encode(AsBytes("fo")), "MZXQ");
  EXPECT_EQ(Base32Encode(AsBytes("foo")), "MZXW6");
  EXPECT_EQ(Base32Encode(AsBytes("foob")), "MZXW6YQ");
  EXPECT_EQ(Base32Encode(AsBytes("fooba")), "MZXW6YTB");
  EXPECT_EQ(Base32Encode(AsBytes("foobar")), "MZXW6YTBOI");
}

}  // namespace
}  // namespace cofre::api
