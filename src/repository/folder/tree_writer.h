#pragma once

// Makes the trees of a folder out of what comes from the pipeline. Each is stored as soon as its folder is left, so
// that only those that are open are in memory.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "repository/pipeline/content_collector.h"
#include "repository/pipeline/known_blobs.h"
#include "repository/tree.h"

namespace cofre::repository {

struct FolderFigures {
  uint64_t bytes = 0;  // of all files
  uint64_t files_read = 0;
  uint64_t files_unchanged = 0;
  uint64_t folders = 0;  // the folder itself included
  uint64_t links = 0;

  uint64_t entries() const { return files_read + files_unchanged + folders + links; }
};

class TreeWriter : public ContentSink {
 public:
  // `store` gets each tree, deepest first; `known` outlives the writer.
  TreeWriter(const KnownBlobs& known, std::function<void(const TreeBlob&)> store)
      : known_(known), store_(std::move(store)) {}

  void Add(std::span<const Digest> content) override;
  // Throws permanent for a folder with more entries than a tree can have.
  void Mark(FolderMark mark) override;

  // After the last mark: the folder itself and its tree.
  const FolderEntry& root() const { return root_; }
  const Digest& root_tree() const { return root_tree_; }
  const FolderFigures& figures() const { return figures_; }
  // Packs that were there already and are needed.
  std::set<Digest>& packs() { return packs_; }

 private:
  struct OpenFolder {
    FolderEntry entry;
    std::string nodes;
  };

  void AddFile(const FolderEntry& entry, std::span<const Digest> content);
  void Leave();
  // Where the next node goes, with a comma before it if it needs one.
  std::string& Nodes();
  void NotePack(BlobType type, const Digest& blob);

  const KnownBlobs& known_;
  const std::function<void(const TreeBlob&)> store_;
  std::vector<OpenFolder> open_;
  std::vector<Digest> content_;  // since the last mark
  FolderEntry root_;
  Digest root_tree_{};
  FolderFigures figures_;
  std::set<Digest> packs_;
};

}  // namespace cofre::repository
