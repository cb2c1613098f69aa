#include "repository/chunker/blob_sizes.h"

#include <fmt/format.h>

#include <bit>

#include "base/error.h"
#include "repository/backup.h"

namespace cofre::repository {

BlobSizes SizesForAverage(uint32_t average_bytes) {
  if (!std::has_single_bit(average_bytes) || average_bytes < kSmallestAverageBlobBytes ||
      average_bytes > kLargestAverageBlobBytes) {
    throw Error(ErrorKind::kUsage, fmt::format("{} is not an average blob size", average_bytes),
                fmt::format("give a power of two from {} to {}", kSmallestAverageBlobBytes, kLargestAverageBlobBytes));
  }
  return {.minimum = average_bytes / 4, .average = average_bytes, .maximum = average_bytes * 4};
}

uint32_t ChooseAverageBlobBytes(uint64_t expected_stream_bytes) {
  constexpr uint64_t kMiB = 1024 * 1024;
  if (expected_stream_bytes == 0) return kDefaultAverageBlobBytes;
  if (expected_stream_bytes < 4 * kMiB) return 16 * 1024;
  if (expected_stream_bytes < 8 * kMiB) return 32 * 1024;
  if (expected_stream_bytes < 256 * kMiB) return 64 * 1024;
  if (expected_stream_bytes < 1024 * kMiB) return 128 * 1024;
  if (expected_stream_bytes < 4096 * kMiB) return 256 * 1024;
  return 512 * 1024;
}

}  // namespace cofre::repository
