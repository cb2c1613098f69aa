#pragma once

// One run of Check, step by step; each step fills what the next one needs.

#include <atomic>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "repository/check.h"
#include "repository/index/blob_index.h"
#include "repository/repository_state.h"
#include "repository/tree_loader.h"

namespace cofre::repository {

class Checker {
 public:
  Checker(Repository::State& state, std::stop_token stop) : state_(state), stop_(std::move(stop)) {}

  void ListObjects();
  void CheckConfigAndKeys();  // and our own small objects
  void LoadIndexes();
  void ComparePacks();                              // existence and size
  void CheckSnapshots();                            // with all their trees
  void ReadPacks(std::atomic<uint64_t>* progress);  // every byte

  CheckReport Finish();

 private:
  struct Object {
    Digest id{};
    uint64_t size = 0;
  };

  void Problem(const std::string& object, const std::string& message);
  void Hint(const std::string& text);
  // Runs `body`; what it throws of kind corrupt or not_found is a problem of `object`.
  template <typename Body>
  void Guard(const std::string& object, Body&& body);

  void NoteObject(const storage::ObjectInfo& object);
  void AddToIndex(const Digest& file, const IndexedPack& pack);
  void CheckTrees(TreeLoader& trees, const std::string& snapshot, const Digest& root);
  // The folders below it.
  std::vector<Digest> CheckTree(TreeLoader& trees, const std::string& snapshot, const Digest& tree);

  Repository::State& state_;
  const std::stop_token stop_;

  std::map<FileKind, std::vector<Object>> objects_;  // all but packs
  std::map<Digest, uint64_t> stored_packs_;          // with their sizes
  std::vector<std::string> extras_;
  BlobIndex index_;                                               // of its own: nothing that this process has cached
  std::unordered_map<Digest, Digest, DigestHash> pack_contents_;  // a sum over what an index file lists for a pack
  std::unordered_set<Digest, DigestHash> seen_trees_;

  std::mutex mutex_;  // of report_
  CheckReport report_;
};

}  // namespace cofre::repository
