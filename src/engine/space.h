#pragma once

// A company's space in the bucket against its limit (`limite_espacio_gb`), all its years together.

#include <stop_token>

#include "base/error.h"
#include "engine/company_lock.h"
#include "engine/company_repository.h"
#include "engine/context.h"
#include "planner/space.h"

namespace cofre::engine {

using planner::Space;

// The error of a company that has no room left.
Error NoRoom(const Company& company, const Space& space);

// No request where this process knows the figure already.
Space MeasureSpace(OpenRepository& open, const Company& company, const std::stop_token& stop);

// Makes sure that there is some room: at the limit it applies retention to every database of the company, reclaims what
// nobody needs, and measures again. Throws kind quota, with the figures, where there is still none.
Space RequireSpace(const Context& context, OpenRepository& open, const Company& company, CompanyLock& lock,
                   const std::stop_token& stop);

}  // namespace cofre::engine
