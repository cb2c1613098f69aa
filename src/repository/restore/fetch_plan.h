#pragma once

// Which ranges of which packs bring the next blobs of a file. A file's pieces lie in runs, but each backup since the
// first has put the pieces that changed into packs of its own: a look ahead finds those that lie together though the
// file has them apart, and small gaps are read along, for a request costs more than they do. No I/O.

#include <cstdint>
#include <span>
#include <vector>

#include "base/digest.h"
#include "repository/index/blob_index.h"

namespace cofre::repository {

struct FetchLimits {
  uint64_t window_bytes = uint64_t{8} << 20;  // of distinct blobs as stored, looked at together
  size_t window_blobs = 64 * 1024;            // references, for a file that repeats one blob without end
  uint64_t range_bytes = uint64_t{4} << 20;   // a request; several are under way at once
  uint64_t gap_bytes = uint64_t{512} << 10;   // unneeded bytes read along between two needed blobs
};

struct FetchRange {
  Digest pack{};
  uint64_t offset = 0;
  uint64_t length = 0;
  size_t uses = 0;  // blobs of the window that lie in it; a blob counts as often as the file has it
};

struct FetchBlob {
  PackedBlob blob;
  size_t range = 0;  // in FetchWindow::ranges
};

struct FetchWindow {
  std::vector<FetchBlob> blobs;    // in the file's order
  std::vector<FetchRange> ranges;  // in the order of their first use
  uint64_t bytes = 0;              // of all ranges; at most twice window_bytes, unless one blob alone is larger
};

// Plans for a beginning of `content`, as far as the limits go, at least one blob. Throws corrupt where the index does
// not know a blob, or claims a size for it that no blob may have.
FetchWindow PlanFetch(std::span<const Digest> content, const BlobIndex& index, const FetchLimits& limits);

}  // namespace cofre::repository
