#pragma once

// The threads of a backup: one that reads and cuts, some that hash, look up and encode, and between them a fixed set of
// blocks that go round. Memory is bounded by that set.
//
//   source -> reader -> [full blocks] -> workers -> collector -> packs
//               ^------- [free blocks] <--------------'
//
// Every thread ends at the end of the stream, at the first failure of any, or when the token stops; what cannot be
// interrupted is a Read of the source, which ends by itself (see base/stream.h).

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "repository/pipeline/block_reader.h"
#include "repository/pipeline/block_worker.h"
#include "repository/pipeline/bounded_queue.h"
#include "repository/pipeline/content_collector.h"
#include "repository/pipeline/first_failure.h"

namespace cofre::repository {

class StreamPump {
 public:
  struct Options {
    size_t block_bytes = size_t{1} << 20;
    unsigned workers = 2;
  };

  // The references outlive the pump.
  StreamPump(MarkedStream& stream, const GearTable& table, const BlobSizes& sizes, const Options& options,
             BackupProgress& progress, FirstFailure& failure);
  // Stops what still runs, and waits for it.
  ~StreamPump();
  StreamPump(const StreamPump&) = delete;
  StreamPump& operator=(const StreamPump&) = delete;

  // Begins to read: the dump makes its first bytes while the caller takes the lock and reads the index.
  void StartReading();

  // Starts the workers and waits until all threads have ended. All that has been read has been delivered then, unless
  // the token of `failure` was stopped. A failure of the source is noted there without a stop: what came before it is
  // delivered still.
  void Run(const WorkerContext& context, ContentCollector& collector);

  // A block that is no longer needed.
  void Recycle(std::unique_ptr<Block> block);

 private:
  void ReadLoop();
  void WorkLoop(const WorkerContext& context, ContentCollector& collector);
  std::unique_ptr<Block> FreeBlock();

  const Options options_;
  FirstFailure& failure_;
  BlockReader reader_;
  size_t blocks_made_ = 0;
  BoundedQueue<std::unique_ptr<Block>> free_;
  BoundedQueue<std::unique_ptr<Block>> full_;
  std::jthread reading_;
  std::vector<std::jthread> working_;
};

}  // namespace cofre::repository
