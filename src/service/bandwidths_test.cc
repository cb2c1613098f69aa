#include "service/bandwidths.h"

#include <gtest/gtest.h>

#include "service/config_test_text.h"
#include "tests/support/manual_clock.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

Config Parse(const std::string& lines) { return ParseText(kNeeded + lines); }

// Seconds that so many bytes take.
double Taking(uint64_t bytes, io::Bandwidth& bandwidth, const test::ManualClock& clock) {
  const Duration before = clock.slept();
  bandwidth.TakeAll(bytes, {});
  return std::chrono::duration<double>(clock.slept() - before).count();
}

const std::string kNights = "[limites]\nancho_banda_subida = \"1 MB/s\"\nventanas_subida = \"22:00-06:00=10 MB/s\"\n";

class BandwidthsTest : public ::testing::Test {
 protected:
  // 21:59:50 in Bogotá.
  test::ManualClock clock_{ParseTime("2026-11-24T02:59:50Z").value()};
};

TEST_F(BandwidthsTest, HoursAreThoseOfTheConfigurationsZone) {
  Bandwidths bandwidths(Parse(kNights), clock_);
  EXPECT_NEAR(Taking(5'000'000, *bandwidths.upload(), clock_), 5, 0.3);
  clock_.Advance(1min);
  EXPECT_NEAR(Taking(50'000'000, *bandwidths.upload(), clock_), 5, 0.3);
}

TEST_F(BandwidthsTest, AnHourThatBeginsHoldsWithinASecondForWhatIsUnderWay) {
  Bandwidths bandwidths(Parse(kNights), clock_);
  // Ten seconds at the first rate are 10 MB, and the rest takes one more at the second.
  EXPECT_NEAR(Taking(20'000'000, *bandwidths.upload(), clock_), 11, 1);
}

TEST_F(BandwidthsTest, EachDirectionAndServerHasItsOwn) {
  Bandwidths bandwidths(Parse("[limites]\nancho_banda_bajada = \"2 MB/s\"\n"
                              "[[limite_servidor]]\nservidor = \"srv1\"\nancho_banda = \"1 MB/s\"\n"),
                        clock_);
  EXPECT_NEAR(Taking(10'000'000, *bandwidths.upload(), clock_), 0, 0.01);
  EXPECT_NEAR(Taking(10'000'000, *bandwidths.download(), clock_), 5, 0.3);
  EXPECT_NEAR(Taking(10'000'000, *bandwidths.OfServer("srv1"), clock_), 10, 0.3);
  EXPECT_NEAR(Taking(10'000'000, *bandwidths.OfServer("srv2"), clock_), 0, 0.01);
  EXPECT_EQ(bandwidths.OfServer("srv1"), bandwidths.OfServer("srv1"));
}

TEST_F(BandwidthsTest, AChangedConfigurationHoldsForThoseWhoHaveTheLimitAlready) {
  Bandwidths bandwidths(Parse(""), clock_);
  const auto upload = bandwidths.upload();
  const auto server = bandwidths.OfServer("srv1");
  bandwidths.Apply(
      Parse("[limites]\nancho_banda_subida = \"1 MB/s\"\n"
            "[[limite_servidor]]\nservidor = \"srv1\"\nancho_banda = \"2 MB/s\"\n"));
  EXPECT_NEAR(Taking(4'000'000, *upload, clock_), 4, 0.3);
  EXPECT_NEAR(Taking(4'000'000, *server, clock_), 2, 0.3);
  bandwidths.Apply(Parse(""));
  EXPECT_NEAR(Taking(4'000'000, *upload, clock_) + Taking(4'000'000, *server, clock_), 0, 0.01);
}

}  // namespace
}  // namespace cofre::service
