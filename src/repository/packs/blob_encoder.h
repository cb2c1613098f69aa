#pragma once

// From a blob's plain bytes to what a pack holds: compressed where that gains, sealed, and read back before anybody
// believes it.

#include <cstdint>

#include "base/bytes.h"
#include "repository/packs/pack_format.h"

namespace cofre::repository {

// Why these: docs/decisions/0031-compression.md.
inline constexpr int kFastCompression =
    1;  // the bulk: as small as level 3 on blobs of 64 KiB, in two thirds of the time
inline constexpr int kStrongCompression = 13;  // the little that changes each day, in blobs of 4 KiB

// What a blob became.
struct EncodedBlob {
  Digest id{};
  BlobType type = BlobType::kData;
  uint32_t uncompressed_length = 0;  // 0: stored raw
  uint32_t plain_length = 0;
  ByteView sealed;  // good until the encoder's next call
};

// Encodes one blob at a time and keeps its buffers between blobs. Not thread-safe: one a thread.
class BlobEncoder {
 public:
  explicit BlobEncoder(const Sealer& sealer) : sealer_(sealer) {}

  // `id` is the SHA-256 of `plain`, which has at least one byte. The sealed form has been opened, decompressed and
  // compared with `plain` when this returns, so that no fault of memory, compressor or cipher reaches the store unseen.
  // Throws corrupt where they differ.
  EncodedBlob Encode(BlobType type, const Digest& id, ByteView plain, int level);

  // Throws corrupt unless `blob` opens to exactly `plain`, and to as many bytes as it says. Part of Encode.
  void RequireReadsBack(const EncodedBlob& blob, ByteView plain);

 private:
  const Sealer& sealer_;
  Bytes compressed_;
  Bytes sealed_;
  Bytes opened_;
  Bytes decompressed_;
};

}  // namespace cofre::repository
