#pragma once

// Reads a folder out of its trees, which anybody who has the password may have written: all of them are looked at
// before the first entry is given to anybody.

#include <cstdint>
#include <functional>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "base/folder.h"
#include "repository/restore.h"
#include "repository/restore/folder_finder.h"
#include "repository/tree_loader.h"

namespace cofre::repository {

// Used by one thread at a time.
class FolderReader {
 public:
  // The references outlive it; the index is not changed meanwhile.
  FolderReader(Repository::State& state, TreeLoader& trees, std::stop_token stop)
      : state_(state), trees_(trees), stop_(std::move(stop)) {}

  // Reads every tree below, each once. Throws corrupt for what is damaged, for names that lead out of their folder or
  // occur twice, for folders deeper than kDeepestFolder and more entries than any folder has; and where a file's blobs
  // are not as long as the file.
  FolderContents Check(const FoundFolder& folder);

  // Gives all of it to the sink, but for Finish. `written` is called with bytes as they go through; without contents
  // the sink gets none and is not called to write.
  void Push(const FoundFolder& folder, FolderSink& sink, bool with_contents,
            const std::function<void(uint64_t bytes)>& written);

 private:
  struct Node {
    FolderEntry entry;
    std::vector<Digest> content;
    Digest subtree{};
  };
  // Of a tree and all below it.
  struct Facts {
    FolderContents contents;
    size_t levels = 1;
  };
  class Pusher;

  Facts CheckTree(const Digest& tree, size_t depth);
  std::vector<Node> Load(const Digest& tree, uint64_t* left_out);

  Repository::State& state_;
  TreeLoader& trees_;
  const std::stop_token stop_;
  std::unordered_map<Digest, Facts, DigestHash> checked_;
};

}  // namespace cofre::repository
