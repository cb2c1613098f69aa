#pragma once

// Cuts a stream where its content says so, so that an insertion moves the cuts with the bytes and the pieces after it
// are found again. FastCDC (Xia et al., USENIX ATC 2016): a gear hash over the last 64 bytes, no look at the first
// `minimum` bytes of a piece, and a condition that is harder to meet before the average length than after it.

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "repository/chunker/blob_sizes.h"

namespace cofre::repository {

// The 256 random words of the gear hash. They are derived from the repository's master key, so that the lengths of the
// pieces, which anybody can read off an encrypted pack's index, say nothing to who has no key. Secret.
class GearTable {
 public:
  // The same key gives the same table for ever: what is stored is found again only as long as this holds.
  static GearTable FromKey(ByteView key);

  const uint64_t* words() const { return words_.data(); }

 private:
  std::array<uint64_t, 256> words_{};
};

// Finds the ends of one stream's pieces, one after the other. Holds no bytes. Not thread-safe.
class Chunker {
 public:
  // `table` outlives the chunker.
  Chunker(const GearTable& table, const BlobSizes& sizes);

  // Looks at the stream's next bytes. Where the current piece ends within them, returns how many of them belong to it:
  // the next call begins with the bytes after those. Otherwise all of them belong to the piece, which goes on.
  // How the stream is divided between calls does not matter to where it is cut.
  std::optional<size_t> FindEnd(ByteView bytes);

  // Length of the current piece so far; 0 right after an end.
  uint32_t length() const { return length_; }

  // Begins a new piece: the bytes before are no longer looked at.
  void Reset();

 private:
  std::optional<size_t> EndAt(size_t taken);

  const uint64_t* words_;
  BlobSizes sizes_;
  uint64_t hard_limit_;
  uint64_t easy_limit_;
  uint64_t hash_ = 0;
  uint32_t length_ = 0;
};

}  // namespace cofre::repository
