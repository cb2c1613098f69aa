#include "repository/check.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "repository/check/checker.h"
#include "repository/locks/lock.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

// Every pack that holds a blob of these trees; throws corrupt where a blob is in none.
std::set<Digest> NeededPacks(TreeLoader& trees, const BlobIndex& index, const Digest& root,
                             const std::stop_token& stop) {
  std::set<Digest> packs;
  std::set<Digest> seen;
  std::vector<Digest> pending{root};
  while (!pending.empty()) {
    const Digest tree = pending.back();
    pending.pop_back();
    if (!seen.insert(tree).second) continue;
    const ByteView json = trees.Load(tree, stop);
    packs.insert(index.Find(BlobType::kTree, tree)->pack);
    ParseTree(json, {.content =
                         [&](const Digest& id) {
                           const auto location = index.Find(BlobType::kData, id);
                           if (!location) {
                             throw Error(ErrorKind::kCorrupt,
                                         "data blob " + id.Hex() + " is in no pack that the index knows");
                           }
                           packs.insert(location->pack);
                         },
                     .node =
                         [&](const TreeNode& node) {
                           if (node.has_subtree) pending.push_back(node.subtree);
                         }});
  }
  return packs;
}

void RequireCompleteNow(Repository::State& state, const Digest& snapshot_id, const std::stop_token& stop) {
  const Listing listing = state.ListEverything(stop);
  state.LoadIndexFiles(listing.index_files, stop);
  const Snapshot snapshot = state.LoadSnapshot(snapshot_id, stop);
  TreeLoader trees(state, state.index);
  for (const Digest& pack : NeededPacks(trees, state.index, snapshot.tree, stop)) {
    const std::string key = KeyOf(FileKind::kPack, pack);
    const auto found = listing.packs.find(pack);
    if (found == listing.packs.end()) throw Error(ErrorKind::kCorrupt, key + " is missing");
    if (found->second != state.index.FileBytes(pack)) {
      throw Error(ErrorKind::kCorrupt, key + " has " + std::to_string(found->second) + " bytes instead of " +
                                           std::to_string(state.index.FileBytes(pack)));
    }
  }
}

}  // namespace

CheckReport Check(Repository& repository, const CheckOptions& options, std::stop_token stop) {
  return UnderLock(repository.state(), LockMode::kExclusive, stop, [&](const RepositoryLock& lock) {
    Checker checker(repository.state(), lock.token());
    checker.ListObjects();
    checker.CheckConfigAndKeys();
    checker.LoadIndexes();
    checker.ComparePacks();
    checker.CheckSnapshots();
    if (options.read_data) checker.ReadPacks(options.bytes_read);
    return checker.Finish();
  });
}

void RequireComplete(Repository& repository, const Digest& snapshot_id, std::stop_token stop) {
  Repository::State& state = repository.state();
  try {
    RequireCompleteNow(state, snapshot_id, stop);
    return;
  } catch (const Error& error) {
    if (state.replaced) throw;
    // A prune at this moment makes things vanish between our requests: look again where none can run.
    if (error.kind() != ErrorKind::kCorrupt && error.kind() != ErrorKind::kTransient) throw;
  }
  UnderLock(state, LockMode::kShared, stop,
            [&](const RepositoryLock& lock) { RequireCompleteNow(state, snapshot_id, lock.token()); });
}

}  // namespace cofre::repository
