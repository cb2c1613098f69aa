#include "planner/batches.h"

#include <algorithm>
#include <tuple>

namespace cofre::planner {
namespace {

// The batch under way takes more while it isn't full, so that a company due a minute after the others waits for none of
// them. Once full, the next one begins when the last of it has ended.
class Batches {
 public:
  Batches(const Fleet& fleet, const Load& load, uint32_t size)
      : size_(size), number_(fleet.batch), admitted_(fleet.batch_admitted), at_work_(load.batch_jobs) {
    if (at_work_ > 0 && number_ > 0) return;
    ++number_;
    admitted_ = 0;
  }

  bool HasRoom() const { return admitted_ < size_ && at_work_ < size_; }
  uint32_t Take() {
    ++admitted_;
    ++at_work_;
    return number_;
  }
  // The batch of the next one that must wait.
  uint32_t Expect() { return number_ + 1 + waiting_++ / size_; }

 private:
  uint32_t size_;
  uint32_t number_;
  uint32_t admitted_;
  uint32_t at_work_;
  uint32_t waiting_ = 0;
};

}  // namespace

void AdmitScheduled(const Fleet& fleet, const Policy& policy, Load& load, Plan& plan) {
  std::vector<uint32_t> due;
  for (uint32_t i = 0; i < plan.entries.size(); ++i) {
    if (plan.entries[i].priority == JobPriority::kScheduled && plan.entries[i].runs()) due.push_back(i);
  }
  const auto rank = [&](uint32_t i) {
    const PlanEntry& entry = plan.entries[i];
    return std::tuple(entry.reason == PlanReason::kRetry, entry.due, i);
  };
  std::ranges::sort(due, {}, rank);
  Batches batches(fleet, load, policy.scheduled.batch_size);
  for (const uint32_t i : due) {
    PlanEntry& entry = plan.entries[i];
    entry.when = kNoTime;
    if (const auto obstacle = Obstacle(fleet, load, i)) {
      entry.reason = *obstacle;
    } else if (!batches.HasRoom()) {
      entry.reason = PlanReason::kBatchBefore;
      entry.batch = batches.Expect();
    } else {
      entry.batch = batches.Take();
      Admit(fleet, i, load);
      plan.run.push_back(i);
    }
  }
}

}  // namespace cofre::planner
