#pragma once

// Trees: a folder's entries as JSON, stored as a blob whose id is the SHA-256 of that JSON. Those of a dump are a chain
// of folders with one file at its end, written byte for byte as restic's Go would, so that `restic rewrite` accepts
// them. Those of a folder are the same chain with the folder at its end, and below it whatever it holds (node.h).
//
// Nothing in the chain and in a dump's file but name, size and contents varies (times, owner and mode are fixed): the
// same bytes under the same path give the same tree id, and a backup of an unchanged database costs one snapshot
// object.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/folder.h"

namespace cofre::repository {

// Throws kind usage for anything but an absolute path of segments [A-Za-z0-9._-], without "." and "..".
void RequireValidSnapshotPath(std::string_view path);

struct TreeBlob {
  Digest id{};
  std::string json;
};

// The trees of `path` from the deepest folder (which holds the file) to the root, which comes last and is the
// snapshot's. `content` lists the file's blobs in order; `size` is the sum of their plain lengths.
std::vector<TreeBlob> BuildTrees(std::string_view path, uint64_t size, std::span<const Digest> content);

// A tree of these nodes, which are in the order of their names, with commas between them.
TreeBlob FinishTree(std::string nodes);

// The same chain where its last segment is a folder: `entry` (but for its name) with the tree `subtree`.
std::vector<TreeBlob> BuildFolderChain(std::string_view path, FolderEntry entry, const Digest& subtree);

// "/a/b" -> "a", "b".
std::vector<std::string_view> SplitSnapshotPath(std::string_view path);

struct TreeNode {
  std::string name;
  std::string type;  // "file", "dir", "symlink", ...
  uint64_t size = 0;
  Digest subtree{};  // where has_subtree
  bool has_subtree = false;
  bool has_content = false;    // a list, be it empty, and not null
  uint64_t content_blobs = 0;  // its length
  FolderEntry entry;           // where the visitor asked for it; its type only where it is one of EntryType
};

struct TreeVisitor {
  std::function<void(const Digest& blob)>
      content;  // each id of the node that is being read, before `node`; may be empty
  std::function<void(const TreeNode& node)> node;  // after a node has been read
  // Whether modes, times, owners and targets are read. Whoever only follows references is not stopped by bad ones.
  bool with_entries = false;
};

// Reads a tree without keeping it. Throws corrupt for what is not a tree, or nests deeper than a tree does.
void ParseTree(ByteView json, const TreeVisitor& visitor);

}  // namespace cofre::repository
