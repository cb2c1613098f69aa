#pragma once

// What the operations of this folder share: the open repository. Not for anybody outside src/repository.

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "repository/crypto/seal.h"
#include "repository/environment.h"
#include "repository/index/blob_index.h"
#include "repository/packs/pack_builder.h"
#include "repository/repository.h"
#include "storage/object_store.h"

namespace cofre::repository {

enum class FileKind : uint8_t { kPack, kIndex, kSnapshot, kLock, kKey };

// "data/", "index/", "snapshots/", "locks/", "keys/".
std::string_view FolderOf(FileKind kind);
// "data/ab/ab12...", "index/ab12...".
std::string KeyOf(FileKind kind, const Digest& id);
// The id in a key of this folder; nullopt for names that are not 64 hexadecimal digits: not restic's, left alone.
std::optional<Digest> IdOfKey(FileKind kind, std::string_view key);

struct SavedFile {
  Digest id{};
  uint64_t stored_bytes = 0;
};

struct Repository::State {
  State(std::shared_ptr<storage::ObjectStore> store, const MasterKey& key, RepositoryConfig config,
        const Environment& environment);

  std::shared_ptr<storage::ObjectStore> store;
  Sealer sealer;
  RepositoryConfig config;
  Environment environment;
  // As of the last RefreshIndex, plus what SaveIndex added since. May only be trusted for deduplication under a lock
  // that was taken before that refresh.
  BlobIndex index;

  // Brings `index` up to date: one LIST, then a GET for each file not loaded yet (several at once); drops what vanished
  // files listed.
  void RefreshIndex(std::stop_token stop);

  // Writes an index file for these packs, which are stored already, and adds them to `index`.
  SavedFile SaveIndex(std::span<const IndexedPack> packs, std::stop_token stop);

  // An index, snapshot or lock: seal(0x02 || zstd(json)), named by its SHA-256. Durable when it returns.
  SavedFile SaveUnpacked(FileKind kind, std::string_view json, std::stop_token stop);
  // Its JSON. Compares the name with the SHA-256, bounds sizes before it allocates. Throws not_found, corrupt.
  std::string LoadUnpacked(FileKind kind, const Digest& id, std::stop_token stop);

  // One blob by ranged GET, verified: for trees. Throws corrupt where the index does not know it.
  Bytes LoadBlob(BlobType type, const Digest& id, std::stop_token stop);

  // Stores a finished pack under its name. Durable when it returns.
  void SavePack(const FinishedPack& pack, std::stop_token stop);
};

}  // namespace cofre::repository
