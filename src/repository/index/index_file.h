#pragma once

// Index files: which blobs lie where in which pack. A cache of the packs' headers; every reader loads all of them.
//   {"packs":[{"id":HEX,"blobs":[{"id":HEX,"type":"data","offset":N,"length":N,"uncompressed_length":N}]}]}
// Source: restic's design.rst, "Indexing".

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "repository/packs/pack_format.h"

namespace cofre::repository {

struct IndexedPack {
  Digest id{};
  std::vector<PackedBlob> blobs;
};

// restic closes an index file at this many blobs; so do we.
inline constexpr size_t kMaxIndexFileBlobs = 50'000;

// Builds the JSON of one index file, pack by pack.
class IndexWriter {
 public:
  IndexWriter();
  void AddPack(const Digest& pack, std::span<const PackedBlob> blobs);

  size_t pack_count() const { return packs_; }
  size_t blob_count() const { return blobs_; }
  // No more packs belong into this file.
  bool full() const { return blobs_ >= kMaxIndexFileBlobs; }

  // The JSON; the writer is empty again then.
  std::string Finish();

 private:
  std::string json_;
  size_t packs_ = 0;
  size_t blobs_ = 0;
};

// Calls `visit` for each pack, in the file's order, with its blobs (good during the call only). Memory: the blobs of
// one pack. Throws corrupt for anything that is not such a file, and for packs whose blobs a pack cannot hold.
void ParseIndex(ByteView json, const std::function<void(const Digest& pack, std::span<const PackedBlob> blobs)>& visit);

}  // namespace cofre::repository
