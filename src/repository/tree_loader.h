#pragma once

// Reads tree blobs, of which a snapshot needs a chain, and that of a folder one for each folder in it. They lie
// together, those of neighbours near each other, so one ranged GET brings many; what came along is kept as stored, a
// few megabytes, until it is asked for.

#include <functional>
#include <list>
#include <optional>
#include <stop_token>
#include <utility>

#include "repository/packs/blob_decoder.h"
#include "repository/repository_state.h"

namespace cofre::repository {

struct TreePlace {
  BlobLocation location;
  uint64_t blobs_end = 0;  // of its pack
};

std::optional<TreePlace> FindTree(const BlobIndex& index, const Digest& tree);

class TreeLoader {
 public:
  // `index` says where the trees lie; both outlive the loader. One thread at a time.
  TreeLoader(Repository::State& state, const BlobIndex& index)
      : TreeLoader(state, [&index](const Digest& tree) { return FindTree(index, tree); }) {}
  // The same where something else guards the index.
  TreeLoader(Repository::State& state, std::function<std::optional<TreePlace>(const Digest& tree)> find)
      : state_(state), find_(std::move(find)), decoder_(state.sealer) {}

  // The verified JSON of a tree, good until the next call. Throws corrupt where the tree is damaged or is not there,
  // naming it.
  ByteView Load(const Digest& tree, std::stop_token stop);

 private:
  struct Piece {
    Digest pack;
    uint64_t offset = 0;
    Bytes bytes;
  };
  ByteView Fetch(const TreePlace& place, std::stop_token stop);

  Repository::State& state_;
  const std::function<std::optional<TreePlace>(const Digest& tree)> find_;
  BlobDecoder decoder_;
  std::list<Piece> pieces_;  // most recent first
  uint64_t kept_bytes_ = 0;
};

}  // namespace cofre::repository
