#include "planner/explain.h"

namespace cofre::planner {

std::string Explain(const Plan& plan, const Fleet&, uint32_t database) {
  return std::string(PlanReasonName(plan.entries.at(database).reason));
}

}  // namespace cofre::planner
