#pragma once

// From a blob as stored to its plain bytes, trusting nothing.

#include "base/bytes.h"
#include "repository/packs/pack_format.h"

namespace cofre::repository {

// Opens one blob at a time and keeps its buffers between blobs. Not thread-safe: one a thread.
class BlobDecoder {
 public:
  explicit BlobDecoder(const Sealer& sealer) : sealer_(sealer) {}

  // `sealed` is what the pack holds at blob.offset, blob.length bytes. Authenticates, decompresses within
  // blob.uncompressed_length, and compares length and SHA-256 with what `blob` claims. The view is good until the next
  // call. Throws corrupt and names the blob.
  ByteView Decode(const PackedBlob& blob, ByteView sealed);

 private:
  const Sealer& sealer_;
  Bytes opened_;
  Bytes plain_;
};

}  // namespace cofre::repository
