#pragma once

// Reads one pack from end to end, in pieces, and says everything that is wrong with it.

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "repository/repository_state.h"

namespace cofre::repository {

// `indexed` is what the index files say of the pack (its blobs by offset), `stored_bytes` what the listing says. Calls
// `problem` for each finding: the name is not the SHA-256, the blobs do not lie without gaps, one of them is damaged or
// has another length than claimed, the header differs from the index. Memory: 8 MiB, or one blob. Returns the bytes
// read.
uint64_t CheckPack(Repository::State& state, const IndexedPack& indexed, uint64_t stored_bytes,
                   const std::function<void(const std::string& message)>& problem, std::stop_token stop);

// The same for a pack that no index file lists: its own header says what it holds.
uint64_t CheckUnindexedPack(Repository::State& state, const Digest& pack, uint64_t stored_bytes,
                            const std::function<void(const std::string& message)>& problem, std::stop_token stop);

}  // namespace cofre::repository
