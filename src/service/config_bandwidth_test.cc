#include "service/config_bandwidth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config_test_text.h"

namespace cofre::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

BandwidthConfig Parse(const std::string& lines) { return ParseText(kNeeded + lines).bandwidth; }
std::string Refusal(const std::string& lines) { return RefusalOf(kNeeded + lines); }

TEST(ConfigBandwidthTest, WhatIsNotSaidIsNotLimited) {
  const BandwidthConfig config = Parse("");
  EXPECT_TRUE(config.upload.empty());
  EXPECT_TRUE(config.download.empty());
  EXPECT_TRUE(config.OfServer("srv1").empty());
}

TEST(ConfigBandwidthTest, EveryKeyIsRead) {
  const BandwidthConfig config = Parse(R"(
[limites]
ancho_banda_subida = "20 MB/s"
ventanas_subida = "07:00-19:00=2 MB/s"
ancho_banda_bajada = "50 MB/s"
ventanas_bajada = "08:00-09:00=1 MB/s"
[[limite_servidor]]
servidor = "srv1"
ancho_banda = "4 MB/s"
[[limite_servidor]]
servidor = "srv2"
ventanas = "22:00-06:00=8 Mbit/s"
)");
  EXPECT_EQ(config.upload, (BandwidthLimit{20'000'000, {{{7h, 19h}, 2'000'000}}}));
  EXPECT_EQ(config.download, (BandwidthLimit{50'000'000, {{{8h, 9h}, 1'000'000}}}));
  EXPECT_EQ(config.OfServer("srv1"), (BandwidthLimit{4'000'000, {}}));
  EXPECT_EQ(config.OfServer("srv2"), (BandwidthLimit{0, {{{22h, 6h}, 1'000'000}}}));
}

TEST(ConfigBandwidthTest, RatesThatAreNoneAreRefusedWithTheirLine) {
  for (const char* rate : {"0", "-1 MB/s", "abc", "20", "20 Mb/s"}) {
    EXPECT_THAT(Refusal("[limites]\nancho_banda_subida = \"" + std::string(rate) + "\""),
                AllOf(HasSubstr("cofre.toml:4: "), HasSubstr("ancho_banda_subida"), HasSubstr(" | ")))
        << rate;
  }
  EXPECT_THAT(Refusal("[limites]\nancho_banda_bajada = 20"), HasSubstr("must be text"));
}

TEST(ConfigBandwidthTest, WindowsThatOverlapAreRefusedWithTheirLineAndTheMend) {
  EXPECT_THAT(Refusal("[limites]\nventanas_subida = \"07:00-19:00=2 MB/s, 18:00-20:00=1 MB/s\""),
              AllOf(HasSubstr("cofre.toml:4"), HasSubstr("07:00-19:00=2 MB/s and 18:00-20:00=1 MB/s overlap"),
                    HasSubstr("let one end where the other begins")));
}

TEST(ConfigBandwidthTest, ASectionThatWouldLimitNothingIsRefused) {
  EXPECT_THAT(Refusal("[[limite_servidor]]\nservidor = \"srv1\""),
              AllOf(HasSubstr("limits nothing"), HasSubstr("ancho_banda = \"4 MB/s\"")));
  EXPECT_THAT(Refusal("[[limite_servidor]]\nancho_banda = \"4 MB/s\""), HasSubstr("has no servidor"));
}

TEST(ConfigBandwidthTest, TwoLimitsOfOneServerAreRefused) {
  const std::string section = "[[limite_servidor]]\nservidor = \"srv1\"\nancho_banda = \"4 MB/s\"\n";
  EXPECT_THAT(Refusal(section + section), AllOf(HasSubstr("cofre.toml:7"), HasSubstr("'srv1' has two")));
}

}  // namespace
}  // namespace cofre::service
