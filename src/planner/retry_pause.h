#pragma once

// How long a backup that failed for a transient reason is left alone before it is tried again.

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "model/policy.h"

namespace cofre::planner {

// The pause after failure `number` (from 0, below policy.pauses.size()), longer by up to policy.jitter_percent: by a
// part that depends on the database and on when its attempt began, so that what failed together isn't tried again
// together. `company_key` is CompanyFacts::key. Pure.
Duration RetryPause(const BackupRetryPolicy& policy, size_t number, uint64_t company_key, int fiscal_year,
                    TimePoint attempt_started);

}  // namespace cofre::planner
