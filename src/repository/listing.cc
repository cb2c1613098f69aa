#include "repository/listing.h"

#include <utility>

#include "repository/repository_state.h"

namespace cofre::repository {

Listing ListEverything(storage::ObjectStore& store, std::stop_token stop) {
  Listing listing;
  store.List(
      "",
      [&](const storage::ObjectInfo& object) {
        if (object.key.starts_with(FolderOf(FileKind::kLock))) {
          listing.locks.push_back(object);
          return;
        }
        listing.stored_bytes += object.size;
        if (const auto pack = IdOfKey(FileKind::kPack, object.key)) {
          listing.packs.emplace(*pack, object.size);
        } else if (const auto index_file = IdOfKey(FileKind::kIndex, object.key)) {
          listing.index_files.push_back(*index_file);
        } else if (const auto snapshot = IdOfKey(FileKind::kSnapshot, object.key)) {
          listing.snapshots.emplace(*snapshot, object.size);
        } else if (const auto key_file = IdOfKey(FileKind::kKey, object.key)) {
          listing.key_files.push_back(*key_file);
        } else if (object.key == kConfigKey || object.key.starts_with(kExtrasFolder)) {
          listing.others.emplace(object.key, object);
        }
      },
      std::move(stop));
  return listing;
}

std::vector<Digest> UnsoundPacks(const Listing& listing, const BlobIndex& index, const std::vector<Digest>& packs) {
  std::vector<Digest> unsound;
  for (const Digest& pack : packs) {
    const auto found = listing.packs.find(pack);
    if (found == listing.packs.end() || found->second != index.FileBytes(pack)) unsound.push_back(pack);
  }
  return unsound;
}

}  // namespace cofre::repository
