#pragma once

// The folder as an earlier snapshot has it: which files need not be read again.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/folder.h"
#include "repository/pipeline/known_blobs.h"
#include "repository/snapshot.h"
#include "repository/tree_loader.h"

namespace cofre::repository {

// Walked along with the folder itself; each level that is entered has its entries in memory. Used by one thread at a
// time.
class ParentFolder {
 public:
  // The folder at the path of `snapshot`, where it has one there. The references outlive it.
  ParentFolder(Repository::State& state, const KnownBlobs& known, const Snapshot& snapshot, std::stop_token stop);

  // Down into a folder of this name, which may be a new one, and up again. The first is the folder itself.
  void Enter(const std::string& name);
  void Leave();

  // The blobs of a file of this name in the folder that was entered last, where it is certainly the same still: its
  // size, times and inode are, it was not changed about when it was read, and all its blobs are there.
  std::optional<std::vector<Digest>> ContentOf(const FolderEntry& entry) const;

  // Whether the folder itself has any entry.
  bool has_entries() const { return has_entries_; }

 private:
  struct Node {
    FolderEntry entry;
    std::vector<Digest> content;
    Digest subtree{};
  };
  using Level = std::unordered_map<std::string, Node>;

  Level Load(const Digest& tree);

  const KnownBlobs& known_;
  TreeLoader trees_;
  const TimePoint begun_;
  const std::stop_token stop_;
  std::optional<Digest> root_;
  std::vector<Level> levels_;
  bool has_entries_ = false;
};

}  // namespace cofre::repository
