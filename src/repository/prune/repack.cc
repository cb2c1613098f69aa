#include "repository/prune/repack.h"

#include "base/error.h"
#include "repository/packs/blob_decoder.h"
#include "repository/packs/pack_writer.h"
#include "repository/parallel.h"

namespace cofre::repository {
namespace {

// One request reads up to this much; two needed blobs further apart than the gap are two requests.
constexpr uint64_t kRangeBytes = uint64_t{8} << 20;
constexpr uint64_t kGapBytes = uint64_t{512} << 10;

// How many of `blobs`, which are in the order of their offsets, one request brings.
size_t CountInRange(std::span<const PackedBlob> blobs) {
  const uint64_t begin = blobs.front().offset;
  size_t count = 1;
  for (; count < blobs.size(); ++count) {
    const uint64_t end = uint64_t{blobs[count - 1].offset} + blobs[count - 1].length;
    const PackedBlob& next = blobs[count];
    if (next.offset > end + kGapBytes || uint64_t{next.offset} + next.length - begin > kRangeBytes) break;
  }
  return count;
}

void MovePack(Repository::State& state, const PrunedPack& pack, BlobDecoder& decoder, PackWriter& writer,
              const std::stop_token& stop) {
  for (std::span<const PackedBlob> left = pack.used; !left.empty();) {
    RequireNotStopped(stop);
    const auto range = left.first(CountInRange(left));
    left = left.subspan(range.size());
    const uint64_t begin = range.front().offset;
    const uint64_t end = uint64_t{range.back().offset} + range.back().length;
    const Bytes bytes = ReadPackRange(*state.store, pack.id, begin, end - begin, stop);
    for (const PackedBlob& blob : range) {
      const ByteView sealed = ByteView(bytes).subspan(blob.offset - begin, blob.length);
      decoder.Decode(blob, sealed);
      writer.Add(blob.type, blob.id, blob.uncompressed_length, sealed);
    }
  }
}

}  // namespace

std::vector<IndexedPack> Repack(Repository::State& state, std::span<const PrunedPack> packs, std::stop_token stop) {
  PackWriter writer(state, {}, stop);
  BlobDecoder decoder(state.sealer);
  for (const PrunedPack& pack : packs) {
    try {
      MovePack(state, pack, decoder, writer, stop);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCancelled) throw;
      throw error.In(KeyOf(FileKind::kPack, pack.id));
    }
  }
  writer.Flush();
  return writer.TakeStored();
}

}  // namespace cofre::repository
