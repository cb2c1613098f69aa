#include "repository/pipeline/content_collector.h"

#include <utility>

namespace cofre::repository {

void ContentCollector::Deliver(std::unique_ptr<Block> block) {
  const std::lock_guard lock(mutex_);
  if (failed_) return;
  const uint64_t number = block->number;
  early_.emplace(number, std::move(block));
  while (!early_.empty() && early_.begin()->first == next_) {
    std::unique_ptr<Block> next = std::move(early_.begin()->second);
    early_.erase(early_.begin());
    ++next_;
    failed_ = true;
    Append(*next);
    done_(std::move(next));
    failed_ = false;
  }
}

void ContentCollector::Append(Block& block) {
  ByteView sealed = block.sealed;
  for (const NewBlob& blob : block.new_blobs) {
    writer_.Add(BlobType::kData, blob.id, blob.uncompressed_length, sealed.first(blob.sealed_bytes));
    sealed = sealed.subspan(blob.sealed_bytes);
  }
  new_blobs_ += block.new_blobs.size();
  blobs_ += block.content.size();

  const std::span<const Digest> content = block.content;
  size_t begin = 0;
  for (BlockMark& mark : block.marks) {
    sink_.Add(content.subspan(begin, mark.content - begin));
    begin = mark.content;
    sink_.Mark(std::move(mark.mark));
  }
  sink_.Add(content.subspan(begin));
}

}  // namespace cofre::repository
