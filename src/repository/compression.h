#pragma once

// zstd frames as restic writes and reads them: no dictionary, content size in the frame header, no checksum (the seal
// has one). Contexts are kept per thread. Thread-safe.

#include <cstdint>

#include "base/bytes.h"

namespace cofre::repository {

inline constexpr int kDefaultCompressionLevel = 3;

// The most that Compress may write for `plain_bytes`.
size_t CompressBound(size_t plain_bytes);

// Returns the frame's size; `out` has at least CompressBound(plain.size()) bytes.
size_t CompressInto(ByteView plain, int level, MutableBytes out);
Bytes Compress(ByteView plain, int level = kDefaultCompressionLevel);

// Fills `out` exactly; throws corrupt where the frames hold anything else, more or less, or are not zstd.
void DecompressExactly(ByteView frames, MutableBytes out);

// For data of unknown length; throws corrupt where it is longer than `limit` bytes, having allocated no more than that.
Bytes Decompress(ByteView frames, uint64_t limit);

}  // namespace cofre::repository
