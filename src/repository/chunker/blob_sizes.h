#pragma once

// How large the pieces are that a stream is cut into. Figures and reasons: docs/decisions/0030-blob-sizes.md.

#include <cstdint>

namespace cofre::repository {

// Bytes. A piece is never shorter than `minimum` (but for the last one of a stream) nor longer than `maximum`.
struct BlobSizes {
  uint32_t minimum = 0;
  uint32_t average = 0;
  uint32_t maximum = 0;

  bool operator==(const BlobSizes&) const = default;
};

inline constexpr uint32_t kSmallestAverageBlobBytes = 1024;
inline constexpr uint32_t kLargestAverageBlobBytes = 1024 * 1024;
inline constexpr uint32_t kDefaultAverageBlobBytes = 64 * 1024;

// A quarter of the average, and four times it. Throws kind usage where `average_bytes` is not a power of two within the
// limits above.
BlobSizes SizesForAverage(uint32_t average_bytes);

// The average within a piece that has changed since an earlier backup (see pipeline/block_worker.h).
inline constexpr uint32_t kFineAverageBlobBytes = 4 * 1024;

}  // namespace cofre::repository
