#pragma once

// A repository in memory that a test fills by hand, object by object, with what a writer would write or would never
// write.

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stream.h"
#include "repository/compression.h"
#include "repository/repository_state.h"
#include "repository/restore.h"
#include "repository/tree.h"
#include "storage/memory_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/streams.h"

namespace cofre::test {

inline const Secret kSmallRepositoryPassword("correct horse battery staple");

// Not SystemRandom: runs repeat.
class SmallRepository {
 public:
  explicit SmallRepository(
      std::shared_ptr<storage::ObjectStore> object_store = std::make_shared<storage::MemoryStore>(), uint64_t seed = 1)
      : store(std::move(object_store)), random(seed) {
    environment.clock = &clock;
    environment.random = &random;
    environment.hostname = "host";
    environment.process_id = 4711;
    environment.process_identity = "host/boot/4711/1";
    environment.has_ended = [](const std::string&) { return false; };
  }

  void Initialize() { repository::Repository::Initialize(*store, kSmallRepositoryPassword, environment, {}); }
  std::unique_ptr<repository::Repository> Open() {
    return repository::Repository::Open(store, kSmallRepositoryPassword, environment, {});
  }

  std::shared_ptr<storage::ObjectStore> store;
  ManualClock clock{TimePoint(std::chrono::hours(24 * 365 * 50))};
  SeededRandom random;
  repository::Environment environment;
};

inline void AddBlob(repository::PackBuilder& pack, const repository::Sealer& sealer, repository::BlobType type,
                    std::string_view plain, bool compress) {
  const Bytes body = compress ? repository::Compress(AsBytes(plain)) : Bytes(plain.begin(), plain.end());
  pack.Add(Sha256(AsBytes(plain)), type, compress ? static_cast<uint32_t>(plain.size()) : 0, sealer.Seal(body));
}

// Stores the blobs as one pack. Tree blobs are compressed, data blobs where asked for.
inline repository::IndexedPack StorePack(repository::Repository::State& state, repository::BlobType type,
                                         const std::vector<std::string>& blobs, bool compress = true) {
  repository::PackBuilder builder;
  for (const std::string& blob : blobs) AddBlob(builder, state.sealer, type, blob, compress);
  const repository::FinishedPack pack = builder.Finish(state.sealer);
  state.SavePack(pack, {});
  return {pack.id, pack.blobs};
}

// A snapshot of one file whose pieces are `content`. Stores as new packs the pieces that the index does not know yet,
// one pack for every `blobs_a_pack` of them, then the trees, the index and the snapshot.
inline repository::Snapshot StoreSnapshot(repository::Repository::State& state, const std::string& path,
                                          const std::vector<std::string>& content, size_t blobs_a_pack = 4,
                                          bool compress = true) {
  using repository::BlobType;
  std::vector<Digest> ids;
  std::vector<std::string> unknown;
  uint64_t size = 0;
  for (const std::string& piece : content) {
    const Digest id = Sha256(AsBytes(piece));
    const bool seen = std::find(ids.begin(), ids.end(), id) != ids.end();
    if (!seen && !state.index.Contains(BlobType::kData, id)) unknown.push_back(piece);
    ids.push_back(id);
    size += piece.size();
  }
  std::vector<repository::IndexedPack> packs;
  for (size_t i = 0; i < unknown.size(); i += blobs_a_pack) {
    const auto end = unknown.begin() + static_cast<ptrdiff_t>(std::min(i + blobs_a_pack, unknown.size()));
    packs.push_back(StorePack(state, BlobType::kData, {unknown.begin() + static_cast<ptrdiff_t>(i), end}, compress));
  }
  std::vector<std::string> trees;
  for (const repository::TreeBlob& tree : repository::BuildTrees(path, size, ids)) {
    if (!state.index.Contains(BlobType::kTree, tree.id)) trees.push_back(tree.json);
  }
  if (!trees.empty()) packs.push_back(StorePack(state, BlobType::kTree, trees));
  if (!packs.empty()) state.SaveIndex(packs, {});

  repository::Snapshot snapshot;
  snapshot.time = state.environment.clock->Now();
  snapshot.tree = repository::BuildTrees(path, size, ids).back().id;
  snapshot.paths = {path};
  snapshot.hostname = "cofre";
  snapshot.id = state.SaveUnpacked(repository::FileKind::kSnapshot, SnapshotToJson(snapshot), {}).id;
  return snapshot;
}

inline std::string RestoreText(repository::Repository& repository, const repository::Snapshot& snapshot) {
  BufferSink sink;
  RestoreFile(repository, snapshot, sink, nullptr, {});
  return sink.finished() ? sink.text() : "not finished";
}

inline std::string Join(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

inline std::shared_ptr<storage::MemoryStore> CopyOf(storage::ObjectStore& store) {
  auto copy = std::make_shared<storage::MemoryStore>();
  for (const storage::ObjectInfo& object : storage::ListAll(store, "", {})) {
    copy->Put(object.key, store.Get(object.key, object.size, {}), std::nullopt, {});
  }
  return copy;
}

}  // namespace cofre::test
