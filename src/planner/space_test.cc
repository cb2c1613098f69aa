#include "planner/space.h"

#include <gtest/gtest.h>

namespace cofre::planner {
namespace {

TEST(SpaceTest, ThereIsRoomUntilTheLastByteIsUsed) {
  EXPECT_EQ((Space{.used_bytes = 0, .limit_bytes = 10}.free_bytes()), 10U);
  EXPECT_EQ((Space{.used_bytes = 9, .limit_bytes = 10}.free_bytes()), 1U);
  EXPECT_EQ((Space{.used_bytes = 10, .limit_bytes = 10}.free_bytes()), 0U);
  EXPECT_EQ((Space{.used_bytes = UINT64_MAX, .limit_bytes = 10}.free_bytes()), 0U);
}

TEST(SpaceTest, ItIsReclaimedOnceAndThenRefused) {
  const Space full{.used_bytes = 10, .limit_bytes = 10};
  const Space some{.used_bytes = 9, .limit_bytes = 10};
  EXPECT_EQ(NextSpaceStep(some, false), SpaceStep::kProceed);
  EXPECT_EQ(NextSpaceStep(full, false), SpaceStep::kReclaim);
  EXPECT_EQ(NextSpaceStep(full, true), SpaceStep::kRefuse);
  EXPECT_EQ(NextSpaceStep(some, true), SpaceStep::kProceed);
}

}  // namespace
}  // namespace cofre::planner
