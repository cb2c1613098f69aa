#pragma once

// What a prune will do, as a value. No I/O.

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "repository/index/index_file.h"
#include "repository/prune.h"
#include "repository/prune/used_blobs.h"

namespace cofre::repository {

// A pack and those of its blobs that stay. A blob that lies in several packs stays in one of them only.
struct PrunedPack {
  Digest id{};
  std::vector<PackedBlob> used;
};

struct PrunePlan {
  std::vector<Digest> unindexed;   // in the store, in no index: what a crash left behind
  std::vector<IndexedPack> keep;   // stay as they are
  std::vector<PrunedPack> repack;  // their used blobs move to new packs
  std::vector<Digest> remove;      // indexed, none of their blobs is needed
  std::vector<Digest> lost;        // indexed and not needed, but not in the store: only the index has to forget them
  uint64_t bytes_before = 0;       // of all packs in the store
  uint64_t bytes_moved = 0;        // stored bytes of the blobs to be repacked
  uint64_t unused_bytes_left = 0;  // in the packs that stay

  bool changes_packs() const { return !repack.empty() || !remove.empty() || !lost.empty(); }
};

using PackSizes = std::unordered_map<Digest, uint64_t, DigestHash>;

// `indexed`: every pack that an index lists; `stored`: every pack in the store with its size. Throws corrupt, naming
// the pack, where a blob that is needed has no copy in a pack of the right size.
PrunePlan PlanPrune(std::vector<IndexedPack> indexed, const PackSizes& stored, const UsedBlobs& used,
                    const PruneOptions& options);

}  // namespace cofre::repository
