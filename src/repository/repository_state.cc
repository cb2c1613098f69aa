#include "repository/repository_state.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "repository/compression.h"
#include "repository/parallel.h"

namespace cofre::repository {
namespace {

constexpr uint8_t kCompressedJson = 2;
constexpr std::string_view kIndexCopy = "index-";
constexpr size_t kConcurrentReads = 6;
constexpr uint64_t kMebibyte = uint64_t{1} << 20;

Error At(FileKind kind, const Digest& id, const Error& error) { return error.In(KeyOf(kind, id)); }

std::string CopyOfIndex(const Digest& id) { return std::string(kIndexCopy) + id.Hex(); }

std::vector<Digest> ListIds(storage::ObjectStore& store, FileKind kind, std::stop_token stop) {
  std::vector<Digest> ids;
  store.List(
      std::string(FolderOf(kind)),
      [&](const storage::ObjectInfo& object) {
        if (const auto id = IdOfKey(kind, object.key)) ids.push_back(*id);
      },
      stop);
  return ids;
}

}  // namespace

std::string_view FolderOf(FileKind kind) {
  switch (kind) {
    case FileKind::kPack:
      return "data/";
    case FileKind::kIndex:
      return "index/";
    case FileKind::kSnapshot:
      return "snapshots/";
    case FileKind::kLock:
      return "locks/";
    case FileKind::kKey:
      return "keys/";
  }
  return "";
}

std::string KeyOf(FileKind kind, const Digest& id) {
  const std::string hex = id.Hex();
  std::string key(FolderOf(kind));
  if (kind == FileKind::kPack) key.append(hex, 0, 2).push_back('/');
  return key += hex;
}

std::optional<Digest> IdOfKey(FileKind kind, std::string_view key) {
  const size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto id = Digest::FromHex(key.substr(slash + 1));
  if (!id || KeyOf(kind, *id) != key) return std::nullopt;
  return id;
}

Bytes ReadPackRange(storage::ObjectStore& store, const Digest& pack, uint64_t offset, uint64_t length,
                    std::stop_token stop) {
  Bytes bytes = store.GetRange(KeyOf(FileKind::kPack, pack), offset, length, std::move(stop));
  if (bytes.size() != length) {
    throw Error(ErrorKind::kCorrupt, store.Describe() + " brought " + std::to_string(bytes.size()) + " bytes of " +
                                         KeyOf(FileKind::kPack, pack) + " where " + std::to_string(length) +
                                         " were asked for");
  }
  return bytes;
}

uint64_t MaxStoredBytes(FileKind kind) {
  switch (kind) {
    case FileKind::kPack:
      return kMaxPackBytes;
    case FileKind::kIndex:
      return 128 * kMebibyte;
    case FileKind::kSnapshot:
      return 16 * kMebibyte;
    case FileKind::kLock:
    case FileKind::kKey:
      return kMebibyte;
  }
  return 0;
}

// An index of restic's largest kind (459,000 blobs) has 100 MB of JSON.
uint64_t MaxPlainBytes(FileKind kind) { return kind == FileKind::kIndex ? 256 * kMebibyte : MaxStoredBytes(kind); }

Repository::State::State(std::shared_ptr<storage::ObjectStore> object_store, const MasterKey& key,
                         RepositoryConfig repository_config, OpenedWith opened, Environment surroundings,
                         LocalCopies local_copies)
    : store(std::move(object_store)),
      environment(std::move(surroundings)),
      sealer(key, *environment.random),
      config(std::move(repository_config)),
      opened_with(std::move(opened)),
      copies(std::move(local_copies)) {}

Listing Repository::State::ListEverything(std::stop_token stop) {
  Listing listing = repository::ListEverything(*store, stop);
  const auto found = listing.others.find(kConfigKey);
  const bool same_key = std::ranges::find(listing.key_files, opened_with.key_file) != listing.key_files.end();
  if (!same_key || found == listing.others.end() || !IsSameConfig(found->second, stop)) {
    replaced = true;
    copies.Clear();
    throw Error(ErrorKind::kTransient, store->Describe() + " is not the repository any more that was opened",
                "it was made anew, or its keys were changed: try again");
  }
  std::unordered_set<std::string> listed;
  for (const Digest& id : listing.index_files) listed.insert(CopyOfIndex(id));
  copies.Retain(
      [&](std::string_view name) { return !name.starts_with(kIndexCopy) || listed.contains(std::string(name)); });
  return listing;
}

bool Repository::State::IsSameConfig(const storage::ObjectInfo& listed, const std::stop_token& stop) const {
  const Bytes& ours = opened_with.sealed_config;
  if (listed.size != ours.size()) return false;
  // Read again where the listing does not prove it.
  return listed.md5 == Md5(ours) || store->Get(std::string(kConfigKey), ours.size(), stop) == ours;
}

void Repository::State::RefreshIndex(std::stop_token stop) {
  LoadIndexFiles(ListIds(*store, FileKind::kIndex, stop), stop);
}

void Repository::State::LoadIndexFiles(std::span<const Digest> listed, std::stop_token stop) {
  std::vector<Digest> unknown;
  std::copy_if(listed.begin(), listed.end(), std::back_inserter(unknown),
               [this](const Digest& id) { return !index.HasIndexFile(id); });

  std::vector<std::vector<IndexedPack>> loaded(unknown.size());
  ParallelFor(unknown.size(), kConcurrentReads, stop, [&](size_t i, std::stop_token part_stop) {
    try {
      const Bytes json = LoadIndexFile(unknown[i], part_stop);
      ParseIndex(json, [&](const Digest& pack, std::span<const PackedBlob> blobs) {
        loaded[i].push_back({pack, {blobs.begin(), blobs.end()}});
      });
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kNotFound) {
        throw Error(ErrorKind::kTransient, KeyOf(FileKind::kIndex, unknown[i]) + " vanished while the index was read");
      }
      throw At(FileKind::kIndex, unknown[i], error);
    }
  });

  DropVanishedIndexFiles(listed);
  for (size_t i = 0; i < unknown.size(); ++i) {
    index.AddIndexFile(unknown[i]);
    for (const IndexedPack& pack : loaded[i]) index.AddPack(unknown[i], pack.id, pack.blobs);
    loaded[i] = {};
  }
}

void Repository::State::DropVanishedIndexFiles(std::span<const Digest> listed) {
  const std::unordered_set<Digest, DigestHash> present(listed.begin(), listed.end());
  std::vector<Digest> vanished = index.IndexFiles();
  std::erase_if(vanished, [&](const Digest& id) { return present.contains(id); });
  index.RemoveIndexFiles(vanished);
}

SavedFile Repository::State::SaveIndex(std::span<const IndexedPack> packs, std::stop_token stop) {
  IndexWriter writer;
  for (const IndexedPack& pack : packs) writer.AddPack(pack.id, pack.blobs);
  const SavedFile saved = SaveUnpacked(FileKind::kIndex, writer.Finish(), stop);
  index.AddIndexFile(saved.id);
  for (const IndexedPack& pack : packs) index.AddPack(saved.id, pack.id, pack.blobs);
  return saved;
}

SealedFile Repository::State::SealUnpacked(std::string_view json) const {
  Bytes plain(1 + CompressBound(json.size()));
  plain[0] = kCompressedJson;
  plain.resize(1 + CompressInto(AsBytes(json), kDefaultCompressionLevel, MutableBytes(plain).subspan(1)));
  SealedFile file;
  file.bytes = sealer.Seal(plain);
  file.id = Sha256(file.bytes);
  return file;
}

SavedFile Repository::State::SaveUnpacked(FileKind kind, std::string_view json, std::stop_token stop) {
  const SealedFile file = SealUnpacked(json);
  store->Put(KeyOf(kind, file.id), file.bytes, file.id, stop);
  if (kind == FileKind::kIndex) copies.Write(CopyOfIndex(file.id), file.bytes);
  return {file.id, file.bytes.size()};
}

Bytes Repository::State::LoadUnpacked(FileKind kind, const Digest& id, std::stop_token stop) {
  return OpenUnpacked(kind, id, store->Get(KeyOf(kind, id), MaxStoredBytes(kind), stop));
}

Bytes Repository::State::LoadIndexFile(const Digest& id, std::stop_token stop) {
  const std::string copy = CopyOfIndex(id);
  if (const auto kept = copies.Read(copy, MaxStoredBytes(FileKind::kIndex))) {
    try {
      return OpenUnpacked(FileKind::kIndex, id, *kept);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw;
      copies.Remove(copy);  // damaged: the store has another one
    }
  }
  const Bytes stored = store->Get(KeyOf(FileKind::kIndex, id), MaxStoredBytes(FileKind::kIndex), stop);
  Bytes json = OpenUnpacked(FileKind::kIndex, id, stored);
  copies.Write(copy, stored);
  return json;
}

Bytes Repository::State::OpenUnpacked(FileKind kind, const Digest& id, ByteView stored) const {
  if (Sha256(stored) != id) throw Error(ErrorKind::kCorrupt, "its content is not what its name says");
  Bytes plain = sealer.Open(stored);
  if (plain.empty()) throw Error(ErrorKind::kCorrupt, "it is empty");
  if (plain[0] == '{' || plain[0] == '[') return plain;
  if (plain[0] != kCompressedJson) throw Error(ErrorKind::kCorrupt, "it is of an unknown form");
  return Decompress(ByteView(plain).subspan(1), MaxPlainBytes(kind));
}

std::vector<Snapshot> Repository::State::ListSnapshots(std::stop_token stop) {
  const std::vector<Digest> ids = ListIds(*store, FileKind::kSnapshot, stop);
  std::vector<Digest> unknown;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(unknown),
               [this](const Digest& id) { return !snapshots.contains(id); });
  std::mutex mutex;
  ParallelFor(unknown.size(), kConcurrentReads, stop, [&](size_t i, std::stop_token part_stop) {
    try {
      Snapshot snapshot = SnapshotFromJson(LoadUnpacked(FileKind::kSnapshot, unknown[i], part_stop));
      snapshot.id = unknown[i];
      const std::lock_guard lock(mutex);
      snapshots.emplace(unknown[i], std::move(snapshot));
    } catch (const Error& error) {
      // Forgotten by somebody since it was listed.
      if (error.kind() != ErrorKind::kNotFound) throw At(FileKind::kSnapshot, unknown[i], error);
    }
  });

  std::vector<Snapshot> found;
  for (const Digest& id : ids) {
    if (const auto position = snapshots.find(id); position != snapshots.end()) found.push_back(position->second);
  }
  std::erase_if(snapshots, [&](const auto& known) { return !std::binary_search(ids.begin(), ids.end(), known.first); });
  std::sort(found.begin(), found.end(),
            [](const Snapshot& a, const Snapshot& b) { return std::tie(a.time, a.id) < std::tie(b.time, b.id); });
  return found;
}

Snapshot Repository::State::LoadSnapshot(const Digest& id, std::stop_token stop) try {
  Snapshot snapshot = SnapshotFromJson(LoadUnpacked(FileKind::kSnapshot, id, stop));
  snapshot.id = id;
  return snapshot;
} catch (const Error& error) {
  throw At(FileKind::kSnapshot, id, error);
}

void Repository::State::SavePack(const FinishedPack& pack, std::stop_token stop) {
  store->Put(KeyOf(FileKind::kPack, pack.id), pack.bytes, pack.id, stop);
}

}  // namespace cofre::repository
