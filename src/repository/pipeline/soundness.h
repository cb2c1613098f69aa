#pragma once

// That a backup builds on what is there: before it deduplicates, and again before its snapshot is written
// (docs/decisions/0023).

#include <cstdint>
#include <set>
#include <span>
#include <stop_token>

#include "repository/repository_state.h"

namespace cofre::repository {

// Takes packs out of state.index that are not listed with the size that they should have, so that nothing is
// deduplicated against them, and logs them. Returns how many.
uint64_t SetAsideUnsoundPacks(Repository::State& state, const Listing& listing);

// Lists everything anew, and throws transient unless every pack with one of these blobs is there, and an index file
// that lists it.
void RequireAllThere(Repository::State& state, std::span<const Digest> content, std::span<const Digest> trees,
                     std::stop_token stop);
// The same for packs that are known to have them.
void RequireAllThere(Repository::State& state, const std::set<Digest>& packs, std::stop_token stop);

}  // namespace cofre::repository
