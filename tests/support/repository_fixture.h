#pragma once

// A repository in memory whose store can fail, and a reader that trusts nothing: for tests of what writes.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "repository/backup.h"
#include "repository/packs/blob_decoder.h"
#include "repository/pipeline/backup_tuning.h"
#include "repository/repository_state.h"
#include "repository/tree.h"
#include "repository/tree_loader.h"
#include "storage/memory_store.h"
#include "tests/support/byte_streams.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"

namespace cofre::repository {

struct RepositoryFixture {
  RepositoryFixture() { Repository::Initialize(*memory, password, environment, {}); }

  std::unique_ptr<Repository> Open() const { return Repository::Open(store, password, environment, {}); }
  // Without the faults.
  std::unique_ptr<Repository> OpenClean() const { return Repository::Open(memory, password, environment, {}); }

  std::vector<std::string> Keys(const std::string& prefix) const {
    std::vector<std::string> keys;
    for (const storage::ObjectInfo& object : ListAll(*memory, prefix, {})) keys.push_back(object.key);
    return keys;
  }

  test::ManualClock clock{TimePoint(std::chrono::seconds(1'795'000'000))};
  Environment environment{.clock = &clock, .random = &SystemRandom(), .hostname = "host", .process_id = 1};
  Secret password{std::string("a password of a repository in memory")};
  std::shared_ptr<storage::MemoryStore> memory = std::make_shared<storage::MemoryStore>();
  std::shared_ptr<test::FaultyStore> store = std::make_shared<test::FaultyStore>(memory);
};

// Everything tiny, so that a few hundred kilobytes pass through many blocks and packs.
inline BackupTuning TinyTuning() {
  BackupTuning tuning;
  tuning.pump.block_bytes = 16 * 1024;
  tuning.pack_bytes = 24 * 1024;
  tuning.fine_average_bytes = 1024;
  return tuning;
}

inline BackupRequest TinyRequest() {
  BackupRequest request;
  request.path = "/900869750/2025/CONTAB.fbk";
  request.tags = {"year=2025"};
  request.hostname = "server";
  request.username = "cofre";
  request.average_blob_bytes = 4096;
  return request;
}

inline BackupResult BackUp(Repository& repository, const Bytes& content, const BackupTuning& tuning = TinyTuning()) {
  test::BufferSource source(content);
  return WriteBackupTuned(repository, source, TinyRequest(), tuning, nullptr, {});
}

// The ids in the content list of a snapshot's only file.
inline std::vector<Digest> ContentOf(Repository& repository, const Snapshot& snapshot) {
  TreeLoader trees(repository.state(), repository.state().index);
  std::vector<Digest> content;
  std::vector<Digest> folders{snapshot.tree};
  while (!folders.empty()) {
    const Digest folder = folders.back();
    folders.pop_back();
    ParseTree(trees.Load(folder, {}), {.content = [&](const Digest& blob) { content.push_back(blob); },
                                       .node =
                                           [&](const TreeNode& node) {
                                             if (node.has_subtree) folders.push_back(node.subtree);
                                           }});
  }
  return content;
}

inline Bytes ReadBack(Repository& repository, const Snapshot& snapshot) {
  repository.state().RefreshIndex({});
  BlobDecoder decoder(repository.state().sealer);
  Bytes content;
  for (const Digest& id : ContentOf(repository, snapshot)) {
    const auto location = repository.state().index.Find(BlobType::kData, id);
    if (!location) throw Error(ErrorKind::kCorrupt, "blob " + id.Hex() + " is in no index");
    const Bytes sealed = repository.state().store->GetRange(KeyOf(FileKind::kPack, location->pack),
                                                            location->blob.offset, location->blob.length, {});
    const ByteView plain = decoder.Decode(location->blob, sealed);
    content.insert(content.end(), plain.begin(), plain.end());
  }
  return content;
}

// Every pack in an index is there and has the size it must have; every snapshot reads back to what it was made from.
inline void ExpectConsistent(const RepositoryFixture& fixture, const std::map<Digest, Bytes>& snapshots) {
  const auto repository = fixture.OpenClean();
  repository->state().RefreshIndex({});
  repository->state().index.VisitPacks([&](const IndexedPack& pack) {
    const auto object = fixture.memory->Stat(KeyOf(FileKind::kPack, pack.id), {});
    ASSERT_TRUE(object) << "pack " << pack.id.Hex() << " is listed and missing";
    EXPECT_EQ(object->size, PackBytes(pack.blobs));
    const Bytes bytes = fixture.memory->Get(object->key, object->size, {});
    EXPECT_EQ(Sha256(bytes), pack.id);
    EXPECT_EQ(ReadPackHeader(bytes, repository->state().sealer), pack.blobs);
  });
  const std::vector<Snapshot> found = repository->ListSnapshots({});
  EXPECT_EQ(found.size(), snapshots.size());
  for (const Snapshot& snapshot : found) {
    const auto expected = snapshots.find(snapshot.id);
    ASSERT_NE(expected, snapshots.end()) << "a snapshot that nobody was told of";
    EXPECT_EQ(ReadBack(*repository, snapshot), expected->second);
  }
  EXPECT_TRUE(fixture.Keys("locks/").empty());
}

}  // namespace cofre::repository
