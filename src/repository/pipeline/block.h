#pragma once

// What goes from the reading thread to the workers and from them to the packs: about a megabyte of the stream at once,
// so that handing over costs nothing per blob.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "repository/pipeline/marked_stream.h"

namespace cofre::repository {

struct NewBlob {
  Digest id{};
  uint32_t uncompressed_length = 0;  // 0: raw
  uint32_t sealed_bytes = 0;
};

struct BlockMark {
  size_t pieces = 0;  // of the block, that come before it
  FolderMark mark;
  size_t content = 0;  // the same in the block's content, by a worker
};

struct Block {
  explicit Block(size_t capacity_bytes)
      : memory(std::make_unique_for_overwrite<uint8_t[]>(capacity_bytes)), capacity(capacity_bytes) {}

  MutableBytes Room() { return {memory.get() + used, capacity - used}; }

  // By the reading thread.
  std::unique_ptr<uint8_t[]> memory;
  size_t capacity;
  size_t used = 0;
  uint64_t number = 0;            // in the stream's order, from 0
  std::vector<uint32_t> lengths;  // of the pieces, which lie back to back from the start
  std::vector<BlockMark> marks;

  // By a worker.
  std::vector<Digest> content;     // the blobs that make up the pieces, in order
  std::vector<NewBlob> new_blobs;  // those of them to store
  Bytes sealed;                    // their sealed forms, back to back

  // Ready for other bytes; keeps its memory.
  void Clear() {
    used = 0;
    lengths.clear();
    marks.clear();
    content.clear();
    new_blobs.clear();
    sealed.clear();
  }
};

}  // namespace cofre::repository
