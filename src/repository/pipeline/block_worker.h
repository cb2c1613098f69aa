#pragma once

// The work on a block: name every piece, look it up, and encode what is new.

#include <cstdint>
#include <functional>
#include <vector>

#include "repository/backup.h"
#include "repository/chunker/chunker.h"
#include "repository/packs/blob_encoder.h"
#include "repository/pipeline/block.h"
#include "repository/pipeline/known_blobs.h"
#include "repository/pipeline/split_policy.h"

namespace cofre::repository {

// What the workers of one backup share. The references outlive them.
struct WorkerContext {
  const Sealer& sealer;
  const GearTable& table;
  BlobSizes fine_sizes;
  KnownBlobs& known;
  SplitPolicy& policy;
  BackupProgress& progress;
};

// One a thread. A known piece costs its SHA-256 and a look-up, no allocation and no copy.
class BlockWorker {
 public:
  // `has_time_to_spare` is asked before what takes long and may be left out.
  BlockWorker(WorkerContext context, std::function<bool()> has_time_to_spare);

  // Fills `content`, `new_blobs` and `sealed` of a block that the reader has filled. Throws what BlobEncoder throws.
  void Process(Block& block);

 private:
  struct FinePiece {
    Digest id{};
    ByteView bytes;
    bool known = false;
  };

  void AddPiece(Block& block, ByteView piece);
  // Fills fine_; returns how many of the bytes are known.
  uint64_t LookInside(ByteView piece);
  void AddBlob(Block& block, const Digest& id, ByteView plain, bool fine);

  WorkerContext context_;
  const std::function<bool()> has_time_to_spare_;
  BlobEncoder encoder_;
  Chunker fine_chunker_;
  std::vector<FinePiece> fine_;
};

}  // namespace cofre::repository
