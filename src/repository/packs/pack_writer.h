#pragma once

// Collects sealed blobs into packs and stores the full ones, a few at once: what a backup and a repacking prune end in.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "repository/index/index_file.h"
#include "repository/packs/blob_encoder.h"
#include "repository/repository.h"

namespace cofre::repository {

// restic's default, and ours: large enough that requests do not count, small enough to hold a few in memory.
inline constexpr uint64_t kDefaultPackBytes = uint64_t{16} * 1024 * 1024;

struct PackWriterOptions {
  // A pack is closed once it has this many, or fewer where the environment's pack_memory is short: it may pass it by
  // one blob.
  uint64_t pack_bytes = kDefaultPackBytes;
  unsigned uploads = 2;  // at once, each with a pack in memory, beside the one being filled
  // Called before each upload with the pack's size, in the thread that adds; what it throws keeps the pack from being
  // sent and comes out of Add or Flush. May be empty.
  std::function<void(uint64_t bytes)> admit;
  // Called when a pack has been stored, in an uploading thread. May be empty.
  std::function<void(uint64_t bytes)> stored;
};

// Data and tree blobs may be mixed: each type goes into packs of its own. One thread at a time adds; the uploads run in
// threads of the writer's. After a throw nothing more can be added.
class PackWriter {
 public:
  // `state` outlives the writer; of it, only the store, the sealer and SavePack are used. `stop` ends uploads that are
  // under way and all waiting.
  PackWriter(Repository::State& state, PackWriterOptions options, std::stop_token stop);
  // Waits for the uploads that are under way (request the stop first where that should be soon). What was not flushed
  // is dropped.
  ~PackWriter();
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  // Copies a blob as a pack holds it: from BlobEncoder, or out of another pack of this repository (its bytes at
  // blob.offset, and blob.uncompressed_length). Blocks while the pack is full and all uploads are busy. Throws the
  // first error of any upload, what `admit` throws, and kind cancelled.
  void Add(BlobType type, const Digest& id, uint32_t uncompressed_length, ByteView sealed);

  // Stores what is left, of both types at the same time, and waits for every upload. All that was added is durable
  // then.
  void Flush();

  // Waits for the uploads that have begun, without starting any for what is left. Throws nothing.
  void Settle() noexcept;

  // Packs stored since the last call, to be listed in an index file next. Not ordered.
  std::vector<IndexedPack> TakeStored();
  size_t stored_blobs() const;  // in those

  // Every pack that may be in the store because of this writer: stored, or its upload failed with an unknown outcome.
  std::vector<Digest> AttemptedPacks() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cofre::repository
