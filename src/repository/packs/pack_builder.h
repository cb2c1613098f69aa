#pragma once

// One pack in memory: sealed blobs are appended, then the header. No I/O. Not thread-safe.

#include <cstdint>
#include <span>
#include <vector>

#include "repository/packs/pack_format.h"

namespace cofre::repository {

struct FinishedPack {
  Digest id{};  // SHA-256 of `bytes`: its name
  Bytes bytes;
  std::vector<PackedBlob> blobs;
};

class PackBuilder {
 public:
  // Memory for this many bytes is set aside at once.
  explicit PackBuilder(size_t reserve_bytes = 0);
  // Uses the memory of a pack that is no longer needed, whatever is in it.
  explicit PackBuilder(Bytes memory);

  // `sealed` is the blob as stored; offset and length are set here. All blobs of a pack are of one type. The caller has
  // asked Fits() first.
  void Add(const Digest& id, BlobType type, uint32_t uncompressed_length, ByteView sealed);

  // Whether one more blob of this stored size stays within what a pack may be.
  bool Fits(uint64_t sealed_bytes) const;

  bool empty() const { return blobs_.empty(); }
  size_t blob_count() const { return blobs_.size(); }
  uint64_t bytes() const { return bytes_.size(); }             // so far, without header
  uint64_t finished_bytes() const { return finished_bytes_; }  // with header

  // Seals the header, hashes, and leaves the builder empty, ready for the next pack.
  FinishedPack Finish(const Sealer& sealer);

 private:
  size_t reserve_bytes_;
  Bytes bytes_;
  std::vector<PackedBlob> blobs_;
  uint64_t finished_bytes_ = kPackOverhead;
};

}  // namespace cofre::repository
