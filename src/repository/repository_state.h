#pragma once

// What the operations of this folder share: the open repository. Not for anybody outside src/repository.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/digest.h"
#include "repository/copies/local_copies.h"
#include "repository/crypto/seal.h"
#include "repository/environment.h"
#include "repository/index/blob_index.h"
#include "repository/listing.h"
#include "repository/packs/pack_builder.h"
#include "repository/repository.h"
#include "storage/object_store.h"

namespace cofre::repository {

inline constexpr std::string_view kConfigKey = "config";
inline constexpr std::string_view kExtrasFolder = "cofre/";  // of our own, see Repository::WriteExtra

enum class FileKind : uint8_t { kPack, kIndex, kSnapshot, kLock, kKey };

// "data/", "index/", "snapshots/", "locks/", "keys/".
std::string_view FolderOf(FileKind kind);
// "data/ab/ab12...", "index/ab12...".
std::string KeyOf(FileKind kind, const Digest& id);
// The id in a key of this folder; nullopt for names that are not 64 hexadecimal digits: not restic's, left alone.
std::optional<Digest> IdOfKey(FileKind kind, std::string_view key);

// Exactly `length` bytes of a pack. Throws what the store throws, and corrupt where it brings fewer or more: whoever
// takes blobs out of them need not look again.
Bytes ReadPackRange(storage::ObjectStore& store, const Digest& pack, uint64_t offset, uint64_t length,
                    std::stop_token stop);

// The most that an object of this kind may have, as stored and in plain. Larger ones are corrupt.
uint64_t MaxStoredBytes(FileKind kind);
uint64_t MaxPlainBytes(FileKind kind);

struct SavedFile {
  Digest id{};
  uint64_t stored_bytes = 0;
};

// seal(0x02 || zstd(json)) and its SHA-256, not stored yet.
struct SealedFile {
  Digest id{};
  Bytes bytes;
};

// What a repository was opened with, as the store has it.
struct OpenedWith {
  Digest key_file{};
  Bytes sealed_config;
};

struct Repository::State {
  State(std::shared_ptr<storage::ObjectStore> object_store, const MasterKey& key, RepositoryConfig repository_config,
        OpenedWith opened, Environment surroundings, LocalCopies local_copies);

  std::shared_ptr<storage::ObjectStore> store;
  Environment environment;
  Sealer sealer;
  RepositoryConfig config;
  const OpenedWith opened_with;
  bool replaced = false;  // see Repository::IsReplaced
  const LocalCopies copies;
  // As of the last RefreshIndex, plus what SaveIndex added since. May only be trusted for deduplication under a lock
  // that was taken before that refresh.
  BlobIndex index;
  // Snapshots read before: an object under this name never changes.
  std::unordered_map<Digest, Snapshot, DigestHash> snapshots;

  // What is there now. Throws transient where it is another repository than the one that was opened; drops copies of
  // index files that are gone.
  Listing ListEverything(std::stop_token stop);

  // Brings `index` up to date: one LIST, then a GET for each file not loaded yet (several at once); drops what vanished
  // files listed. Throws corrupt and names the file that is damaged; `index` is as before then.
  void RefreshIndex(std::stop_token stop);
  // The same where the caller has just listed index/. A copy kept here spares the GET.
  void LoadIndexFiles(std::span<const Digest> listed, std::stop_token stop);

  // Drops from `index` what only files listed that are gone.
  void DropVanishedIndexFiles(std::span<const Digest> listed);

  // Writes an index file for these packs, which are stored already, and adds them to `index`.
  SavedFile SaveIndex(std::span<const IndexedPack> packs, std::stop_token stop);

  SealedFile SealUnpacked(std::string_view json) const;
  // An index, snapshot or lock, named by its SHA-256. Durable when it returns.
  SavedFile SaveUnpacked(FileKind kind, std::string_view json, std::stop_token stop);
  // Its JSON. Compares the name with the SHA-256, bounds sizes before it allocates. Throws not_found, corrupt.
  Bytes LoadUnpacked(FileKind kind, const Digest& id, std::stop_token stop);

  // Every snapshot, oldest first: one LIST, then a GET for each that was not read before.
  std::vector<Snapshot> ListSnapshots(std::stop_token stop);
  Snapshot LoadSnapshot(const Digest& id, std::stop_token stop);

  // Stores a finished pack under its name. Durable when it returns.
  void SavePack(const FinishedPack& pack, std::stop_token stop);

 private:
  bool IsSameConfig(const storage::ObjectInfo& listed, const std::stop_token& stop) const;
  // An index file's JSON, from a copy or from the store.
  Bytes LoadIndexFile(const Digest& id, std::stop_token stop);
  // What LoadUnpacked does with the stored bytes.
  Bytes OpenUnpacked(FileKind kind, const Digest& id, ByteView stored) const;
};

}  // namespace cofre::repository
