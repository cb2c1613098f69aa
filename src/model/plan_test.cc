#include "model/plan.h"

#include <gtest/gtest.h>

#include <set>

namespace cofre {
namespace {

TEST(PlanTest, EveryReasonHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (size_t reason = 0; reason < kPlanReasons; ++reason)
    names.insert(PlanReasonName(static_cast<PlanReason>(reason)));
  EXPECT_EQ(names.size(), kPlanReasons);
  EXPECT_EQ(PlanReasonName(PlanReason::kRetry), "retry");
  EXPECT_EQ(PlanReasonName(PlanReason::kNotDue), "not_due");
  EXPECT_EQ(PlanReasonName(PlanReason::kFailedPermanently), "failed_permanently");
}

TEST(PlanTest, PrioritiesHaveNamesForPrograms) {
  EXPECT_EQ(JobPriorityName(JobPriority::kManual), "manual");
  EXPECT_EQ(JobPriorityName(JobPriority::kScheduled), "scheduled");
  EXPECT_EQ(JobPriorityName(JobPriority::kRefresh), "refresh");
}

}  // namespace
}  // namespace cofre
