#include "repository/prune/used_blobs.h"

#include <vector>

#include "base/error.h"
#include "repository/parallel.h"
#include "repository/tree.h"
#include "repository/tree_loader.h"

namespace cofre::repository {
namespace {

// Adds what one tree refers to; returns the trees below it.
std::vector<Digest> ReadTree(TreeLoader& trees, const BlobIndex& index, const Digest& tree, UsedBlobs& used,
                             const std::stop_token& stop) {
  std::vector<Digest> below;
  const TreeVisitor visitor{.content =
                                [&](const Digest& blob) {
                                  if (!index.Contains(BlobType::kData, blob)) {
                                    throw Error(ErrorKind::kCorrupt, "no index lists the data blob " + blob.Hex());
                                  }
                                  used.data.insert(blob);
                                },
                            .node =
                                [&](const TreeNode& node) {
                                  if (node.has_subtree) below.push_back(node.subtree);
                                }};
  ParseTree(trees.Load(tree, stop), visitor);
  return below;
}

}  // namespace

UsedBlobs FindUsedBlobs(Repository::State& state, std::span<const Snapshot> snapshots, std::stop_token stop) {
  UsedBlobs used;
  TreeLoader trees(state, state.index);
  for (const Snapshot& snapshot : snapshots) {
    try {
      std::vector<Digest> unread{snapshot.tree};
      while (!unread.empty()) {
        RequireNotStopped(stop);
        const Digest tree = unread.back();
        unread.pop_back();
        if (!used.trees.insert(tree).second) continue;
        const std::vector<Digest> below = ReadTree(trees, state.index, tree, used, stop);
        unread.insert(unread.end(), below.begin(), below.end());
      }
    } catch (const Error& error) {
      throw error.In("snapshot " + snapshot.id.Hex());
    }
  }
  return used;
}

}  // namespace cofre::repository
