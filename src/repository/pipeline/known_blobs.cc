#include "repository/pipeline/known_blobs.h"

namespace cofre::repository {

bool KnownBlobs::Contains(BlobType type, const Digest& id) const {
  const std::lock_guard lock(mutex_);
  return index_.Contains(type, id) || (type == BlobType::kTree ? claimed_trees_ : claimed_).contains(id);
}

bool KnownBlobs::Claim(BlobType type, const Digest& id) {
  const std::lock_guard lock(mutex_);
  return !index_.Contains(type, id) && Claimed(type).insert(id).second;
}

std::optional<Digest> KnownBlobs::PackOf(BlobType type, const Digest& id) const {
  const std::lock_guard lock(mutex_);
  const auto location = index_.Find(type, id);
  if (!location) return std::nullopt;
  return location->pack;
}

std::optional<TreePlace> KnownBlobs::FindTree(const Digest& id) const {
  const std::lock_guard lock(mutex_);
  return repository::FindTree(index_, id);
}

void KnownBlobs::AddIndexFile(const Digest& file, std::span<const IndexedPack> packs) {
  const std::lock_guard lock(mutex_);
  index_.AddIndexFile(file);
  for (const IndexedPack& pack : packs) {
    index_.AddPack(file, pack.id, pack.blobs);
    for (const PackedBlob& blob : pack.blobs) Claimed(blob.type).erase(blob.id);
  }
}

}  // namespace cofre::repository
