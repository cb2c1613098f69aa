#pragma once

// Cuts a source into blocks of whole pieces. The stream's bytes go straight from the source into the block; only the
// piece that a block ends in the middle of is copied, to the next one.

#include <atomic>
#include <cstdint>

#include "base/stream.h"
#include "repository/chunker/chunker.h"
#include "repository/pipeline/block.h"

namespace cofre::repository {

class BlockReader {
 public:
  // The references outlive the reader. A block is full once it holds `block_bytes` and a whole piece. `bytes_read` is
  // counted up with each read.
  BlockReader(ByteSource& source, const GearTable& table, const BlobSizes& sizes, size_t block_bytes,
              std::atomic<uint64_t>& bytes_read);

  // What a block must have room for.
  size_t block_capacity() const;

  // Fills a cleared block; false where the stream ended well before it got anything. Throws what the source throws.
  bool Fill(Block& block);

 private:
  void Cut(Block& block, size_t fresh_bytes);

  ByteSource& source_;
  const BlobSizes sizes_;
  const size_t block_bytes_;
  Chunker chunker_;
  Bytes carried_;  // the beginning of the piece that the last block ended in
  std::atomic<uint64_t>& bytes_read_;
  uint64_t blocks_ = 0;
  size_t piece_begin_ = 0;  // in the block that is being filled
  bool ended_ = false;
};

}  // namespace cofre::repository
