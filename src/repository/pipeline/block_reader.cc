#include "repository/pipeline/block_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cofre::repository {

BlockReader::BlockReader(MarkedStream& stream, const GearTable& table, const BlobSizes& sizes, size_t block_bytes,
                         std::function<bool()> is_awaited, std::atomic<uint64_t>& bytes_read)
    : stream_(stream),
      sizes_(sizes),
      block_bytes_(block_bytes),
      awaited_bytes_(std::max<size_t>(block_bytes / 16, 1)),
      is_awaited_(std::move(is_awaited)),
      chunker_(table, sizes),
      bytes_read_(bytes_read) {}

size_t BlockReader::block_capacity() const {
  // Wherever the block gives up, the piece before has ended, and this one is no longer than the maximum.
  return std::max<size_t>(block_bytes_, sizes_.maximum) + sizes_.maximum;
}

bool BlockReader::Fill(Block& block) {
  if (!carried_.empty()) std::memcpy(block.Room().data(), carried_.data(), carried_.size());
  block.used = carried_.size();
  block.number = blocks_++;
  piece_begin_ = 0;
  carried_.clear();
  while (!ended_ && !IsFull(block)) {
    const MutableBytes room = block.Room();
    const auto [bytes, ended] =
        stream_.Read(is_awaited_() ? room.first(std::min(room.size(), awaited_bytes_)) : room, marks_);
    bytes_read_ += bytes;
    TakeMarks(block);
    Cut(block, room.first(bytes));
    ended_ = ended;
  }
  if (ended_) {
    // The last piece ends with the stream.
    EndPiece(block);
  } else {
    carried_.assign(block.memory.get() + piece_begin_, block.memory.get() + block.used);
  }
  return !block.lengths.empty() || !block.marks.empty();
}

bool BlockReader::IsFull(const Block& block) const {
  if (block.marks.size() >= kMostMarks) return true;
  if (block.lengths.empty() && block.marks.empty()) return false;
  return block.used >= block_bytes_ || (block.used >= awaited_bytes_ && is_awaited_());
}

void BlockReader::EndPiece(Block& block) {
  if (piece_begin_ < block.used) block.lengths.push_back(static_cast<uint32_t>(block.used - piece_begin_));
  piece_begin_ = block.used;
}

void BlockReader::TakeMarks(Block& block) {
  if (marks_.empty()) return;
  EndPiece(block);
  chunker_.Reset();
  for (FolderMark& mark : marks_) block.marks.push_back({.pieces = block.lengths.size(), .mark = std::move(mark)});
  marks_.clear();
}

void BlockReader::Cut(Block& block, ByteView fresh) {
  block.used += fresh.size();
  while (!fresh.empty()) {
    const auto end = chunker_.FindEnd(fresh);
    if (!end) break;
    fresh = fresh.subspan(*end);
    const size_t piece_end = block.used - fresh.size();
    block.lengths.push_back(static_cast<uint32_t>(piece_end - piece_begin_));
    piece_begin_ = piece_end;
  }
}

}  // namespace cofre::repository
