#pragma once

// Cuts a stream into blocks of whole pieces. Its bytes go straight from the source into the block; only the piece that
// a block ends in the middle of is copied, to the next one. A mark ends a piece, and what follows is cut as if it were
// the beginning of a stream.

#include <atomic>
#include <cstdint>
#include <functional>

#include "repository/chunker/chunker.h"
#include "repository/pipeline/block.h"
#include "repository/pipeline/marked_stream.h"

namespace cofre::repository {

// Of one block: they carry names and content lists.
inline constexpr size_t kMostMarks = 1024;

class BlockReader {
 public:
  // The references outlive the reader. A block is full once it holds `block_bytes` and a whole piece, and a sixteenth
  // of that is enough while `is_awaited`: behind a slow source all workers keep up, and little is left to do at its
  // end. One with kMostMarks is full too. `bytes_read` is counted up with each read.
  BlockReader(MarkedStream& stream, const GearTable& table, const BlobSizes& sizes, size_t block_bytes,
              std::function<bool()> is_awaited, std::atomic<uint64_t>& bytes_read);

  // What a block must have room for.
  size_t block_capacity() const;

  // Fills a cleared block; false where the stream ended well before it got anything. Throws what the source throws.
  bool Fill(Block& block);

 private:
  bool IsFull(const Block& block) const;
  void EndPiece(Block& block);
  void TakeMarks(Block& block);
  void Cut(Block& block, ByteView fresh);

  MarkedStream& stream_;
  const BlobSizes sizes_;
  const size_t block_bytes_;
  const size_t awaited_bytes_;
  const std::function<bool()> is_awaited_;
  Chunker chunker_;
  std::vector<FolderMark> marks_;  // just read
  Bytes carried_;                  // the beginning of the piece that the last block ended in
  std::atomic<uint64_t>& bytes_read_;
  uint64_t blocks_ = 0;
  size_t piece_begin_ = 0;  // in the block that is being filled
  bool ended_ = false;
};

}  // namespace cofre::repository
