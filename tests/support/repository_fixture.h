#pragma once

// A repository in memory whose store can fail: for tests of what writes.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "repository/backup.h"
#include "repository/check.h"
#include "repository/pipeline/backup_tuning.h"
#include "repository/repository_state.h"
#include "repository/restore.h"
#include "repository/tree.h"
#include "repository/tree_loader.h"
#include "storage/memory_store.h"
#include "tests/support/faulty_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/streams.h"

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

// Nothing is damaged or missing, nobody holds a lock, and every snapshot restores to what it was made from.
inline void ExpectConsistent(const RepositoryFixture& fixture, const std::map<Digest, Bytes>& snapshots) {
  EXPECT_TRUE(fixture.Keys("locks/").empty());
  const auto repository = fixture.OpenClean();
  for (const CheckProblem& problem : Check(*repository, {.read_data = true}, {}).problems) {
    ADD_FAILURE() << problem.object << ": " << problem.message;
  }
  const std::vector<Snapshot> found = repository->ListSnapshots({});
  EXPECT_EQ(found.size(), snapshots.size());
  for (const Snapshot& snapshot : found) {
    const auto expected = snapshots.find(snapshot.id);
    ASSERT_NE(expected, snapshots.end()) << "a snapshot that nobody was told of";
    test::BufferSink sink;
    RestoreFile(*repository, snapshot, sink, nullptr, {});
    EXPECT_TRUE(sink.finished());
    EXPECT_TRUE(sink.content() == expected->second);
  }
}

}  // namespace cofre::repository
