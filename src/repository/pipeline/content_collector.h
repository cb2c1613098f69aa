#pragma once

// Puts the blocks that workers finish in any order back into the stream's order: appends to the content list and hands
// new blobs to the packs, so that a restore reads packs from front to back.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "repository/packs/pack_writer.h"
#include "repository/pipeline/block.h"

namespace cofre::repository {

// Deliver is thread-safe.
class ContentCollector {
 public:
  // `done` gets each block back when nothing in it is needed any longer. It and the writer are used by one thread at a
  // time.
  ContentCollector(PackWriter& writer, std::function<void(std::unique_ptr<Block>)> done)
      : writer_(writer), done_(std::move(done)) {}

  // Blocks while the packs cannot take more. Throws what PackWriter::Add and `done` throw; does nothing after that.
  void Deliver(std::unique_ptr<Block> block);

  // After the last block.
  const std::vector<Digest>& content() const { return content_; }
  uint64_t new_blobs() const { return new_blobs_; }

 private:
  void Append(const Block& block);

  PackWriter& writer_;
  const std::function<void(std::unique_ptr<Block>)> done_;
  std::mutex mutex_;
  std::map<uint64_t, std::unique_ptr<Block>> early_;  // by number
  uint64_t next_ = 0;
  bool failed_ = false;
  std::vector<Digest> content_;
  uint64_t new_blobs_ = 0;
};

}  // namespace cofre::repository
