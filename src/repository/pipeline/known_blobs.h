#pragma once

// Which data blobs need not be stored: those in the index, and those that this backup stores already.

#include <mutex>
#include <span>
#include <unordered_set>

#include "repository/index/blob_index.h"

namespace cofre::repository {

// Thread-safe.
class KnownBlobs {
 public:
  // `index` outlives this, was refreshed under the lock that is held, and is touched by nobody else meanwhile.
  explicit KnownBlobs(BlobIndex& index) : index_(index) {}

  bool Contains(const Digest& id) const;

  // True for one caller only, who must store the blob; false where it is known.
  bool Claim(const Digest& id);

  // These packs are listed in this index file now, which is stored.
  void AddIndexFile(const Digest& file, std::span<const IndexedPack> packs);

 private:
  mutable std::mutex mutex_;
  BlobIndex& index_;
  std::unordered_set<Digest, DigestHash> claimed_;  // not in the index yet
};

}  // namespace cofre::repository
