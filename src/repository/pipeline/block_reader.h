#pragma once

// Cuts a source into blocks of whole pieces. The stream's bytes go straight from the source into the block; only the
// piece that a block ends in the middle of is copied, to the next one.

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/stream.h"
#include "repository/chunker/chunker.h"
#include "repository/pipeline/block.h"

namespace cofre::repository {

class BlockReader {
 public:
  // The references outlive the reader. A block is full once it holds `block_bytes` and a whole piece, and a sixteenth
  // of that is enough while `is_awaited`: behind a slow source all workers keep up, and little is left to do at its
  // end. `bytes_read` is counted up with each read.
  BlockReader(ByteSource& source, const GearTable& table, const BlobSizes& sizes, size_t block_bytes,
              std::function<bool()> is_awaited, std::atomic<uint64_t>& bytes_read);

  // What a block must have room for.
  size_t block_capacity() const;

  // Fills a cleared block; false where the stream ended well before it got anything. Throws what the source throws.
  bool Fill(Block& block);

 private:
  bool IsFull(const Block& block) const;
  void Cut(Block& block, size_t fresh_bytes);

  ByteSource& source_;
  const BlobSizes sizes_;
  const size_t block_bytes_;
  const size_t awaited_bytes_;
  const std::function<bool()> is_awaited_;
  Chunker chunker_;
  Bytes carried_;  // the beginning of the piece that the last block ended in
  std::atomic<uint64_t>& bytes_read_;
  uint64_t blocks_ = 0;
  size_t piece_begin_ = 0;  // in the block that is being filled
  bool ended_ = false;
};

}  // namespace cofre::repository
