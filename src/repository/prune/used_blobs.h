#pragma once

// What the snapshots of a repository refer to.

#include <span>
#include <stop_token>
#include <unordered_set>

#include "repository/repository_state.h"

namespace cofre::repository {

struct UsedBlobs {
  std::unordered_set<Digest, DigestHash> data;
  std::unordered_set<Digest, DigestHash> trees;

  bool Contains(const PackedBlob& blob) const {
    return (blob.type == BlobType::kTree ? trees : data).contains(blob.id);
  }
};

// Walks every tree once. Throws corrupt, naming snapshot and blob, where the index lacks one that is needed.
UsedBlobs FindUsedBlobs(Repository::State& state, std::span<const Snapshot> snapshots, std::stop_token stop);

}  // namespace cofre::repository
