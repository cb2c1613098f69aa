#pragma once

// One database by itself: does it want a backup now, and if not, why? Caps, batches and other databases come later.
// Private to the planner.

#include "model/plan.h"
#include "model/policy.h"
#include "planner/due_times.h"
#include "planner/fleet.h"
#include "planner/load.h"

namespace cofre::planner {

class Judge {
 public:
  // Keeps the references.
  Judge(const Fleet& fleet, const Load& load, const Policy& policy, TimePoint now);

  // A reason to run: it may, as far as it is only about itself and its server's pauses.
  PlanEntry operator()(uint32_t database);

 private:
  void JudgeCurrent(const DatabaseFacts& database, const Slot& slot, PlanEntry& entry) const;
  void JudgeClosed(const DatabaseFacts& database, PlanEntry& entry) const;
  void JudgeFailure(const DatabaseFacts& database, TimePoint next_chance, PlanEntry& entry) const;
  void JudgePauses(const DatabaseFacts& database, PlanEntry& entry) const;
  bool IsWhole(const DatabaseFacts& database) const;
  bool IsNewsSince(TimePoint attempt_ended, TimePoint event) const;
  bool IsBack(const DatabaseFacts& database) const;  // what it failed of: its server, or the store

  const Fleet& fleet_;
  const Load& load_;
  const Policy& policy_;
  TimePoint now_;
  TimePoint hour_;  // closed years are judged as of this hour's begin, whenever in it that is done
  DueTimes due_times_;
};

}  // namespace cofre::planner
