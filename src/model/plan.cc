#include "model/plan.h"

namespace cofre {
namespace {

constexpr std::array<std::string_view, 3> kPriorities = {"manual", "scheduled", "refresh"};

constexpr std::array<std::string_view, kPlanReasons> kReasons = {"scheduled",
                                                                 "refresh",
                                                                 "refresh_early",
                                                                 "retry",
                                                                 "disabled",
                                                                 "all_paused",
                                                                 "server_paused_by_user",
                                                                 "server_paused",
                                                                 "server_probed",
                                                                 "server_busy",
                                                                 "running",
                                                                 "queued",
                                                                 "company_busy",
                                                                 "not_due",
                                                                 "fresh",
                                                                 "over_space",
                                                                 "batch_before",
                                                                 "hourly_cap",
                                                                 "minute_cap",
                                                                 "candidate_limit",
                                                                 "retry_later",
                                                                 "gave_up",
                                                                 "failed_permanently"};

}  // namespace

std::string_view JobPriorityName(JobPriority priority) { return kPriorities.at(static_cast<size_t>(priority)); }

std::string_view PlanReasonName(PlanReason reason) { return kReasons.at(static_cast<size_t>(reason)); }

}  // namespace cofre
