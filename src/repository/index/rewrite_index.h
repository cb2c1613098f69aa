#pragma once

// Replaces every index file by new, full ones.

#include <span>
#include <stop_token>

#include "repository/locks/lock.h"
#include "repository/repository_state.h"

namespace cofre::repository {

// Writes index files that list exactly `packs`, then deletes those that state.index was loaded from. Needs the
// exclusive lock, since a reader that has listed the old files could not load them any more. After a crash half way old
// and new files stand side by side, which is harmless as long as no pack has been deleted: that comes after this.
// Throws transient where an old file could not be deleted.
void RewriteIndex(Repository::State& state, std::span<const IndexedPack> packs, const RepositoryLock& exclusive,
                  std::stop_token stop);

}  // namespace cofre::repository
