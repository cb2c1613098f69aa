#include "repository/pipeline/known_blobs.h"

namespace cofre::repository {

bool KnownBlobs::Contains(const Digest& id) const {
  const std::lock_guard lock(mutex_);
  return index_.Contains(BlobType::kData, id) || claimed_.contains(id);
}

bool KnownBlobs::Claim(const Digest& id) {
  const std::lock_guard lock(mutex_);
  return !index_.Contains(BlobType::kData, id) && claimed_.insert(id).second;
}

void KnownBlobs::AddIndexFile(const Digest& file, std::span<const IndexedPack> packs) {
  const std::lock_guard lock(mutex_);
  index_.AddIndexFile(file);
  for (const IndexedPack& pack : packs) {
    index_.AddPack(file, pack.id, pack.blobs);
    for (const PackedBlob& blob : pack.blobs) claimed_.erase(blob.id);
  }
}

}  // namespace cofre::repository
