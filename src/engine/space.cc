#include "engine/space.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "engine/retention.h"
#include "repository/prune.h"

namespace cofre::engine {

Error NoRoom(const Company& company, const Space& space) {
  return {ErrorKind::kQuota,
          fmt::format("company {} uses {} of its {} ({} of {} bytes)", company.id, HumanBytes(space.used_bytes),
                      HumanBytes(space.limit_bytes), space.used_bytes, space.limit_bytes),
          fmt::format("give it more room (cofre company set {} --space-limit GB) or remove a year that is no longer "
                      "needed; its backups are as they were",
                      company.id)};
}

Space MeasureSpace(OpenRepository& open, const Company& company, const std::stop_token& stop) {
  if (!open.stored_bytes) open.stored_bytes = open.repository->StoredBytes(stop);
  return {*open.stored_bytes, company.space_limit_bytes};
}

Space RequireSpace(const Context& context, OpenRepository& open, const Company& company, CompanyLock& lock,
                   const std::stop_token& stop) {
  Space space = MeasureSpace(open, company, stop);
  if (planner::NextSpaceStep(space, false) == planner::SpaceStep::kReclaim) {
    // What this process knows may be more than there is.
    open.stored_bytes.reset();
    space = MeasureSpace(open, company, stop);
  }
  if (planner::NextSpaceStep(space, false) == planner::SpaceStep::kReclaim) {
    for (const Database& database : context.catalogue->ListDatabases({.company = company.id})) {
      ApplyRetention(context, open, company, database.fiscal_year, lock, stop);
    }
    open.stored_bytes.reset();
    repository::Prune(*open.repository, {.max_unused = 0}, stop);
    space = MeasureSpace(open, company, stop);
  }
  if (planner::NextSpaceStep(space, true) != planner::SpaceStep::kProceed) throw NoRoom(company, space);
  return space;
}

}  // namespace cofre::engine
