#include "model/bandwidth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

// "message | hint"; "" where nothing is wrong.
template <typename Parse>
std::string RefusalOf(const Parse& parse) {
  try {
    parse();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}
std::string RateRefusal(std::string_view text) {
  return RefusalOf([&] { ParseBandwidth(text); });
}
std::string WindowsRefusal(std::string_view text) {
  return RefusalOf([&] { ParseBandwidthWindows(text, "ventanas_subida"); });
}

TEST(BandwidthTest, IsReadInBytesAndBits) {
  EXPECT_EQ(ParseBandwidth("20 MB/s"), 20'000'000U);
  EXPECT_EQ(ParseBandwidth(" 2.5MB/s "), 2'500'000U);
  EXPECT_EQ(ParseBandwidth("512 kB/s"), 512'000U);
  EXPECT_EQ(ParseBandwidth("512 KiB/s"), 524'288U);
  EXPECT_EQ(ParseBandwidth("1 GiB/s"), 1'073'741'824U);
  EXPECT_EQ(ParseBandwidth("100 Mbit/s"), 12'500'000U);
}

TEST(BandwidthTest, ZeroIsRefusedAndTheMendIsSaid) {
  for (const char* text : {"0", "0 MB/s", "0.0 kB/s"}) {
    EXPECT_THAT(RateRefusal(text), AllOf(HasSubstr("let nothing pass"), HasSubstr("leave the line out"))) << text;
  }
}

TEST(BandwidthTest, WhatIsNoNumberIsRefusedWithAnExample) {
  for (const char* text : {"abc", "-1 MB/s", "", "MB/s", "1.2.3 MB/s", "1,5 MB/s", "fast", ". MB/s"}) {
    EXPECT_THAT(RateRefusal(text), HasSubstr("20 MB/s")) << text;
  }
}

TEST(BandwidthTest, AUnitThatIsMissingOrMeansTwoThingsIsRefused) {
  for (const char* text : {"20", "20 MB", "20 Mb/s", "20 mb/s", "20 MBps", "20 MB/s x"}) {
    EXPECT_THAT(RateRefusal(text), AllOf(HasSubstr("no unit"), HasSubstr("100 Mbit/s"))) << text;
  }
}

TEST(BandwidthTest, SlipsOfThePenAreRefused) {
  for (const char* text : {"9.9 kB/s", "101 GB/s", "99999999999999999999 GB/s"}) {
    EXPECT_THAT(RateRefusal(text), HasSubstr("from 10 kB/s to 100 GB/s")) << text;
  }
}

TEST(BandwidthTest, WindowsHaveRatesOfTheirOwn) {
  const BandwidthLimit limit{.bytes_per_second = 20'000'000,
                             .windows = ParseBandwidthWindows("07:00-12:00=2 MB/s, 22:00-06:00=50MB/s", "v")};
  EXPECT_EQ(limit.At(7h), 2'000'000U);
  EXPECT_EQ(limit.At(11h + 59min), 2'000'000U);
  EXPECT_EQ(limit.At(12h), 20'000'000U);
  EXPECT_EQ(limit.At(23h), 50'000'000U);
  EXPECT_EQ(limit.At(5h), 50'000'000U);
  EXPECT_EQ(FormatBandwidth(limit), "20 MB/s, 07:00-12:00 2 MB/s, 22:00-06:00 50 MB/s");
}

TEST(BandwidthTest, OutsideOfItsWindowsThereIsNoLimitWhereNoneIsSaid) {
  const BandwidthLimit limit{.windows = ParseBandwidthWindows("07:00-19:00=512 kB/s", "v")};
  EXPECT_EQ(limit.At(20h), 0U);
  EXPECT_FALSE(limit.empty());
  EXPECT_TRUE(BandwidthLimit().empty());
  EXPECT_EQ(FormatBandwidth(limit), "no limit, 07:00-19:00 512 kB/s");
}

TEST(BandwidthTest, WindowsThatOverlapAreRefusedAndTheMendIsSaid) {
  EXPECT_THAT(WindowsRefusal("22:00-06:00=20 MB/s, 05:00-07:00=1 MB/s"),
              AllOf(HasSubstr("ventanas_subida: 22:00-06:00=20 MB/s and 05:00-07:00=1 MB/s overlap"),
                    HasSubstr("let one end where the other begins")));
}

TEST(BandwidthTest, WhatIsNoWindowIsRefused) {
  for (const char* text : {"days", "07:00-19:00", "07:00=2 MB/s", "07:00-25:00=2 MB/s", "07:00-07:00=2 MB/s",
                           "07:00-19:00=2 MB/s,", "07:00-19:00=0", "07:00-19:00=-2 MB/s", "07:00-19:00=abc"}) {
    EXPECT_NE(WindowsRefusal(text), "") << text;
  }
}

}  // namespace
}  // namespace cofre
