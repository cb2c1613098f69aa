#pragma once

// Reads tree blobs, of which a snapshot needs a chain. They lie together in small packs, so one ranged GET brings all
// of a pack's; what came along is kept as stored, a few megabytes, until it is asked for.

#include <list>
#include <stop_token>

#include "repository/packs/blob_decoder.h"
#include "repository/repository_state.h"

namespace cofre::repository {

class TreeLoader {
 public:
  // `index` says where the trees lie; both outlive the loader. One thread at a time.
  TreeLoader(Repository::State& state, const BlobIndex& index) : state_(state), index_(index), decoder_(state.sealer) {}

  // The verified JSON of a tree, good until the next call. Throws corrupt where the tree is damaged or is not there,
  // naming it.
  ByteView Load(const Digest& tree, std::stop_token stop);

 private:
  struct Piece {
    Digest pack;
    uint64_t offset = 0;
    Bytes bytes;
  };
  ByteView Fetch(const BlobLocation& location, std::stop_token stop);

  Repository::State& state_;
  const BlobIndex& index_;
  BlobDecoder decoder_;
  std::list<Piece> pieces_;  // most recent first
  uint64_t kept_bytes_ = 0;
};

}  // namespace cofre::repository
