#pragma once

// Puts the blocks that workers finish in any order back into the stream's order: hands new blobs to the packs, so that
// a restore reads packs from front to back, and the content list with its marks to whoever makes trees of it.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "repository/packs/pack_writer.h"
#include "repository/pipeline/block.h"

namespace cofre::repository {

// What a stream consists of, in its order. Used by one thread at a time.
class ContentSink {
 public:
  virtual ~ContentSink() = default;
  virtual void Add(std::span<const Digest> content) = 0;
  virtual void Mark(FolderMark mark) = 0;
};

// That of a dump.
class ContentList : public ContentSink {
 public:
  void Add(std::span<const Digest> content) override { list_.insert(list_.end(), content.begin(), content.end()); }
  void Mark(FolderMark) override {}
  const std::vector<Digest>& list() const { return list_; }

 private:
  std::vector<Digest> list_;
};

// Deliver is thread-safe.
class ContentCollector {
 public:
  // `done` gets each block back when nothing in it is needed any longer. It, the sink and the writer are used by one
  // thread at a time.
  ContentCollector(PackWriter& writer, ContentSink& sink, std::function<void(std::unique_ptr<Block>)> done)
      : writer_(writer), sink_(sink), done_(std::move(done)) {}

  // Blocks while the packs cannot take more. Throws what PackWriter::Add, the sink and `done` throw; does nothing after
  // that.
  void Deliver(std::unique_ptr<Block> block);

  // After the last block.
  uint64_t blobs() const { return blobs_; }
  uint64_t new_blobs() const { return new_blobs_; }

 private:
  void Append(Block& block);

  PackWriter& writer_;
  ContentSink& sink_;
  const std::function<void(std::unique_ptr<Block>)> done_;
  std::mutex mutex_;
  std::map<uint64_t, std::unique_ptr<Block>> early_;  // by number
  uint64_t next_ = 0;
  bool failed_ = false;
  uint64_t blobs_ = 0;
  uint64_t new_blobs_ = 0;
};

}  // namespace cofre::repository
