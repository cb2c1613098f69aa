#include "repository/folder/parent_folder.h"

#include <algorithm>

#include "base/error.h"
#include "repository/restore/folder_finder.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

// File systems keep times in steps, the coarsest of two seconds: what was changed that shortly before the backup may
// have been changed once more, after it was read, with the same time.
constexpr std::chrono::seconds kCoarsestTime{2};

}  // namespace

ParentFolder::ParentFolder(Repository::State& state, const KnownBlobs& known, const Snapshot& snapshot,
                           std::stop_token stop)
    : known_(known),
      trees_(state, [&known](const Digest& tree) { return known.FindTree(tree); }),
      begun_(snapshot.time),
      stop_(std::move(stop)) {
  if (snapshot.paths.size() != 1) return;
  const auto folder = FindFolder(trees_, snapshot.tree, snapshot.paths[0], stop_);
  if (!folder) return;
  root_ = folder->tree;
  bool any = false;
  ParseTree(trees_.Load(*root_, stop_), {.content = nullptr, .node = [&](const TreeNode&) { any = true; }});
  has_entries_ = any;
}

void ParentFolder::Enter(const std::string& name) {
  std::optional<Digest> tree;
  if (levels_.empty()) {
    tree = root_;
  } else if (const auto node = levels_.back().find(name);
             node != levels_.back().end() && node->second.entry.type == EntryType::kFolder) {
    tree = node->second.subtree;
  }
  levels_.push_back(tree ? Load(*tree) : Level());
}

void ParentFolder::Leave() { levels_.pop_back(); }

std::optional<std::vector<Digest>> ParentFolder::ContentOf(const FolderEntry& entry) const {
  const auto found = levels_.back().find(entry.name);
  if (found == levels_.back().end()) return std::nullopt;
  const auto& [was, content, subtree] = found->second;
  const bool same = was.type == EntryType::kFile && was.size == entry.size && was.modified == entry.modified &&
                    was.changed == entry.changed && was.inode == entry.inode;
  if (!same || was.changed >= begun_ - kCoarsestTime) return std::nullopt;
  const bool known =
      std::ranges::all_of(content, [this](const Digest& blob) { return known_.Contains(BlobType::kData, blob); });
  if (!known) return std::nullopt;
  return content;
}

// Of one that is damaged or not there any more all is read anew.
ParentFolder::Level ParentFolder::Load(const Digest& tree) {
  Level level;
  std::vector<Digest> content;
  const TreeVisitor visitor{
      .content = [&](const Digest& blob) { content.push_back(blob); },
      .node =
          [&](const TreeNode& node) {
            if (node.type == "file" || node.type == "dir") {
              level.insert_or_assign(node.name, Node{node.entry, std::move(content), node.subtree});
            }
            content = {};
          },
      .with_entries = true};
  try {
    ParseTree(trees_.Load(tree, stop_), visitor);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kCorrupt) throw;
    level.clear();
  }
  return level;
}

}  // namespace cofre::repository
