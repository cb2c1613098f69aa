#include "repository/pipeline/stream_pump.h"

#include <utility>

namespace cofre::repository {
namespace {

// For each worker one in work and one at hand, and one that is being filled.
size_t BlockCount(unsigned workers) { return size_t{2} * workers + 1; }

}  // namespace

StreamPump::StreamPump(MarkedStream& stream, const GearTable& table, const BlobSizes& sizes, const Options& options,
                       BackupProgress& progress, FirstFailure& failure)
    : options_(options),
      failure_(failure),
      reader_(
          stream, table, sizes, options.block_bytes, [this] { return full_.IsAwaited(); }, progress.bytes_read),
      free_(BlockCount(options.workers)),
      full_(BlockCount(options.workers)) {}

StreamPump::~StreamPump() {
  if (reading_.joinable()) failure_.Stop();
}

void StreamPump::StartReading() {
  reading_ = std::jthread([this] { failure_.Guard([this] { ReadLoop(); }); });
}

// Memory is taken as the stream turns out to need it: a small dump never fills a second block.
std::unique_ptr<Block> StreamPump::FreeBlock() {
  if (blocks_made_ < BlockCount(options_.workers)) {
    ++blocks_made_;
    return std::make_unique<Block>(reader_.block_capacity());
  }
  return free_.Pop(failure_.token()).value_or(nullptr);
}

void StreamPump::ReadLoop() {
  while (std::unique_ptr<Block> block = FreeBlock()) {
    bool filled = false;
    try {
      filled = reader_.Fill(*block);
    } catch (...) {
      failure_.Note(std::current_exception());
    }
    if (!filled) break;
    full_.Push(std::move(block), failure_.token());
  }
  full_.Close();
}

void StreamPump::WorkLoop(const WorkerContext& context, ContentCollector& collector) {
  // Behind the end of the stream, or with a block at hand, the dump or the whole backup would wait.
  BlockWorker worker(context, [this] { return full_.IsKeptUpWith(); });
  while (std::optional<std::unique_ptr<Block>> block = full_.Pop(failure_.token())) {
    worker.Process(**block);
    collector.Deliver(std::move(*block));
  }
}

void StreamPump::Recycle(std::unique_ptr<Block> block) {
  block->Clear();
  free_.Push(std::move(block), failure_.token());
}

void StreamPump::Run(const WorkerContext& context, ContentCollector& collector) {
  failure_.Guard([&] {
    for (unsigned i = 0; i < options_.workers; ++i) {
      working_.emplace_back([&] { failure_.Guard([&] { WorkLoop(context, collector); }); });
    }
  });
  for (std::jthread& thread : working_) thread.join();
  reading_.join();
}

}  // namespace cofre::repository
