#include "repository/packs/pack_writer.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "base/error.h"
#include "repository/packs/pack_builder.h"
#include "repository/packs/pack_memory.h"
#include "repository/repository_state.h"

namespace cofre::repository {
namespace {

// Room beyond the size at which a pack is closed, for its last blob and its header.
constexpr uint64_t kPackHeadroom = uint64_t{512} * 1024;

// A pack being filled or sent, and its part of the process's memory.
struct OpenPack {
  PackMemory::Share share;
  PackBuilder builder;
};

struct SpareMemory {
  PackMemory::Share share;
  Bytes bytes;
};

}  // namespace

struct PackWriter::Impl {
  Impl(Repository::State& repository, PackWriterOptions writer_options, std::stop_token stop_token)
      : state(repository), options(std::move(writer_options)), stop(std::move(stop_token)) {}

  OpenPack NewPack();
  void HandOver(BlobType type);
  void RethrowFailure();
  void UploadLoop();
  void Upload(OpenPack open_pack);

  Repository::State& state;
  const PackWriterOptions options;
  const std::stop_token stop;

  std::array<std::optional<OpenPack>, 2> open;  // by blob type; only the adding thread's

  mutable std::mutex mutex;
  std::condition_variable_any changed;  // any of what follows
  std::deque<OpenPack> waiting;         // handed over, not begun
  unsigned uploading = 0;
  bool closing = false;
  std::exception_ptr failure;
  std::vector<IndexedPack> stored;
  size_t stored_blobs = 0;
  std::vector<Digest> attempted;
  std::vector<SpareMemory> spare;  // of packs that have been stored

  std::vector<std::jthread> uploaders;  // last: they use the rest
};

OpenPack PackWriter::Impl::NewPack() {
  const std::lock_guard lock(mutex);
  if (!spare.empty()) {
    SpareMemory memory = std::move(spare.back());
    spare.pop_back();
    return {std::move(memory.share), PackBuilder(std::move(memory.bytes))};
  }
  PackMemory* const bound = state.environment.pack_memory.get();
  PackMemory::Share share =
      bound != nullptr ? bound->Take(options.pack_bytes) : PackMemory::Share(nullptr, options.pack_bytes);
  PackBuilder builder(share.bytes() + kPackHeadroom);
  return {std::move(share), std::move(builder)};
}

void PackWriter::Impl::RethrowFailure() {
  if (failure) std::rethrow_exception(failure);
  if (stop.stop_requested()) throw Error(ErrorKind::kCancelled, "writing packs was cancelled");
}

// Gives the open pack of this type to an uploading thread, as soon as one is free.
void PackWriter::Impl::HandOver(BlobType type) {
  std::optional<OpenPack>& pack = open.at(static_cast<size_t>(type));
  if (options.admit) options.admit(pack->builder.finished_bytes());
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [&] { return failure || waiting.size() + uploading < options.uploads; });
  RethrowFailure();
  if (uploaders.size() < waiting.size() + uploading + 1) {
    uploaders.emplace_back([this] { UploadLoop(); });
  }
  waiting.push_back(*std::exchange(pack, std::nullopt));
  changed.notify_all();
}

void PackWriter::Impl::UploadLoop() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return closing || !waiting.empty(); });
    if (closing) return;
    OpenPack pack = std::move(waiting.front());
    waiting.pop_front();
    if (failure || stop.stop_requested()) {
      changed.notify_all();
      continue;
    }
    ++uploading;
    lock.unlock();
    std::exception_ptr thrown;
    try {
      Upload(std::move(pack));
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    --uploading;
    if (thrown && !failure) failure = thrown;
    changed.notify_all();
  }
}

void PackWriter::Impl::Upload(OpenPack open_pack) {
  FinishedPack pack = open_pack.builder.Finish(state.sealer);
  {
    const std::lock_guard lock(mutex);
    attempted.push_back(pack.id);
  }
  state.SavePack(pack, stop);
  const uint64_t bytes = pack.bytes.size();
  {
    const std::lock_guard lock(mutex);
    stored_blobs += pack.blobs.size();
    stored.push_back({pack.id, std::move(pack.blobs)});
    spare.push_back({std::move(open_pack.share), std::move(pack.bytes)});
  }
  if (options.stored) options.stored(bytes);
}

PackWriter::PackWriter(Repository::State& state, PackWriterOptions options, std::stop_token stop)
    : impl_(std::make_unique<Impl>(state, std::move(options), std::move(stop))) {}

PackWriter::~PackWriter() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->closing = true;
  }
  impl_->changed.notify_all();
}

void PackWriter::Add(BlobType type, const Digest& id, uint32_t uncompressed_length, ByteView sealed) {
  std::optional<OpenPack>& pack = impl_->open.at(static_cast<size_t>(type));
  const uint64_t grown_by = sealed.size() + kCompressedEntryBytes;
  if (pack && (!pack->builder.Fits(sealed.size()) ||
               pack->builder.finished_bytes() + grown_by > pack->share.bytes() + kPackHeadroom)) {
    impl_->HandOver(type);
  }
  if (!pack) pack = impl_->NewPack();
  pack->builder.Add(id, type, uncompressed_length, sealed);
  if (pack->builder.finished_bytes() >= pack->share.bytes()) impl_->HandOver(type);
}

void PackWriter::Flush() {
  for (const BlobType type : {BlobType::kData, BlobType::kTree}) {
    if (impl_->open.at(static_cast<size_t>(type))) impl_->HandOver(type);
  }
  Settle();
  const std::lock_guard lock(impl_->mutex);
  impl_->RethrowFailure();
}

void PackWriter::Settle() noexcept {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->waiting.empty() && impl_->uploading == 0; });
}

std::vector<IndexedPack> PackWriter::TakeStored() {
  const std::lock_guard lock(impl_->mutex);
  impl_->stored_blobs = 0;
  return std::exchange(impl_->stored, {});
}

size_t PackWriter::stored_blobs() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->stored_blobs;
}

std::vector<Digest> PackWriter::AttemptedPacks() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->attempted;
}

}  // namespace cofre::repository
