#pragma once

// Moves blobs to new packs as they are stored, without compressing again.

#include <span>
#include <stop_token>
#include <vector>

#include "repository/prune/prune_plan.h"
#include "repository/repository_state.h"

namespace cofre::repository {

// Reads the packs' used blobs, verifies each, and stores them in new packs. Returns those, durable and not yet in any
// index. Throws corrupt, naming the pack, where a blob is damaged: nothing was lost by trying.
std::vector<IndexedPack> Repack(Repository::State& state, std::span<const PrunedPack> packs, std::stop_token stop);

}  // namespace cofre::repository
