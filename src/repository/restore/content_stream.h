#pragma once

// A file's blobs in order, read ahead of who takes them.

#include <functional>
#include <span>
#include <stop_token>

#include "base/bytes.h"
#include "repository/repository_state.h"
#include "repository/restore/fetch_plan.h"

namespace cofre::repository {

struct StreamLimits {
  FetchLimits fetch;
  // Stored bytes in memory, under way and not taken yet; one window more than fits is never begun.
  uint64_t memory_bytes = uint64_t{32} << 20;
  size_t requests = 4;  // at once
};

// Calls consume(plain) for each blob of `content` in order, on the caller's thread; each was authenticated and its id
// compared. Throws what `consume` throws, and corrupt, naming the pack, where a blob is damaged or its pack is missing.
void StreamContent(Repository::State& state, std::span<const Digest> content, const StreamLimits& limits,
                   const std::function<void(ByteView plain)>& consume, std::stop_token stop);

}  // namespace cofre::repository
