#pragma once

// Which blobs need not be stored: those in the index, and those that this backup stores already.

#include <mutex>
#include <optional>
#include <span>
#include <unordered_set>

#include "repository/index/blob_index.h"
#include "repository/tree_loader.h"

namespace cofre::repository {

// Thread-safe.
class KnownBlobs {
 public:
  // `index` outlives this, was refreshed under the lock that is held, and is touched by nobody else meanwhile.
  explicit KnownBlobs(BlobIndex& index) : index_(index) {}

  bool Contains(BlobType type, const Digest& id) const;

  // True for one caller only, who must store the blob; false where it is known.
  bool Claim(BlobType type, const Digest& id);

  // The pack that an index file lists it in.
  std::optional<Digest> PackOf(BlobType type, const Digest& id) const;
  std::optional<TreePlace> FindTree(const Digest& id) const;

  // These packs are listed in this index file now, which is stored.
  void AddIndexFile(const Digest& file, std::span<const IndexedPack> packs);

 private:
  std::unordered_set<Digest, DigestHash>& Claimed(BlobType type) {
    return type == BlobType::kTree ? claimed_trees_ : claimed_;
  }

  mutable std::mutex mutex_;
  BlobIndex& index_;
  std::unordered_set<Digest, DigestHash> claimed_;  // not in the index yet
  std::unordered_set<Digest, DigestHash> claimed_trees_;
};

}  // namespace cofre::repository
