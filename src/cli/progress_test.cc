#include "cli/progress.h"

#include <gtest/gtest.h>

namespace cofre::cli {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kMiB = 1024 * 1024;

TEST(FormatProgressTest, ShowsBytesSpeedNewAgainstKnownAndElapsed) {
  EXPECT_EQ(FormatProgress("900869750 2025", {.done_bytes = 80 * kMiB, .has_new = true, .new_bytes = 20 * kMiB}, 4s),
            "900869750 2025  80.0 MiB  20.0 MiB/s  20.0 MiB new, 60.0 MiB known  00:04");
}

TEST(FormatProgressTest, ShowsHowMuchOfTheWholeWhereThatIsKnown) {
  EXPECT_EQ(FormatProgress("restore", {.done_bytes = kMiB, .total_bytes = 4 * kMiB}, 3671s),
            "restore  1.0 MiB of 4.0 MiB (25 %)  285 B/s  1:01:11");
}

TEST(FormatProgressTest, AtTheFirstMomentThereIsNoSpeed) { EXPECT_EQ(FormatProgress("x", {}, 0s), "x  0 B  00:00"); }

}  // namespace
}  // namespace cofre::cli
