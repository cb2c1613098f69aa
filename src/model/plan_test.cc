#include "model/plan.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"

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

TEST(PlanTest, PrioritiesAreReadAsTheyAreWritten) {
  for (const JobPriority priority : {JobPriority::kManual, JobPriority::kScheduled, JobPriority::kRefresh}) {
    EXPECT_EQ(ParseJobPriority(JobPriorityName(priority)), priority);
  }
  EXPECT_THROW(ParseJobPriority("urgent"), Error);
}

}  // namespace
}  // namespace cofre
