#include "repository/check/pack_check.h"

#include <algorithm>

#include "base/error.h"
#include "repository/packs/blob_decoder.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kPieceBytes = uint64_t{8} << 20;

// Reads a pack from its beginning on, hashing as it goes.
class PackReader {
 public:
  PackReader(Repository::State& state, const Digest& pack, uint64_t stored_bytes, const std::stop_token& stop)
      : store_(*state.store), pack_(pack), stored_bytes_(stored_bytes), stop_(stop) {}

  // The next `length` bytes, good until the next call. The caller asks for no more than left().
  ByteView Next(uint64_t length) {
    if (end_ - position_ < length) Fill(length);
    const ByteView view = ByteView(piece_).subspan(position_, length);
    position_ += length;
    return view;
  }

  uint64_t left() const { return stored_bytes_ - offset_ + (end_ - position_); }
  uint64_t read() const { return offset_; }

  Digest Finish() {
    while (left() > 0) Next(std::min(left(), kPieceBytes));
    return hash_.Finish();
  }

 private:
  // Keeps what has not been taken yet and reads on behind it.
  void Fill(uint64_t length) {
    piece_.erase(piece_.begin(), piece_.begin() + static_cast<ptrdiff_t>(position_));
    const uint64_t wanted = std::max(length, kPieceBytes) - piece_.size();
    const Bytes bytes = ReadPackRange(store_, pack_, offset_, std::min(wanted, stored_bytes_ - offset_), stop_);
    hash_.Update(bytes);
    offset_ += bytes.size();
    piece_.insert(piece_.end(), bytes.begin(), bytes.end());
    position_ = 0;
    end_ = piece_.size();
  }

  storage::ObjectStore& store_;
  const Digest pack_;
  const uint64_t stored_bytes_;
  const std::stop_token stop_;
  Sha256Stream hash_;
  Bytes piece_;
  uint64_t position_ = 0;  // in piece_, as is end_
  uint64_t end_ = 0;
  uint64_t offset_ = 0;  // in the pack, behind piece_
};

using Report = std::function<void(const std::string& message)>;

bool LieWithoutGaps(const IndexedPack& pack) {
  uint64_t offset = 0;
  for (const PackedBlob& blob : pack.blobs) {
    if (blob.offset != offset) return false;
    offset += blob.length;
  }
  return true;
}

void CheckBlobs(PackReader& reader, const Sealer& sealer, std::span<const PackedBlob> blobs, const Report& problem) {
  BlobDecoder decoder(sealer);
  for (const PackedBlob& blob : blobs) {
    if (blob.length > kMaxPlainBlobBytes) {
      problem("it claims a blob larger than any may be");
      return;
    }
    const ByteView sealed = reader.Next(blob.length);
    try {
      decoder.Decode(blob, sealed);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw;
      problem(error.what());
    }
  }
}

void CheckHeader(ByteView header_and_length, const Sealer& sealer, std::span<const PackedBlob> expected,
                 const Report& problem) {
  try {
    const uint32_t length = SealedHeaderBytes(header_and_length.last(4), header_and_length.size());
    if (length + 4 != header_and_length.size()) throw Error(ErrorKind::kCorrupt, "its header is of another length");
    const std::vector<PackedBlob> blobs = ParsePackHeader(sealer.Open(header_and_length.first(length)));
    if (!std::equal(blobs.begin(), blobs.end(), expected.begin(), expected.end())) {
      problem("its header lists other blobs than the index");
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kCorrupt) throw;
    problem(error.what());
  }
}

}  // namespace

uint64_t CheckPack(Repository::State& state, const IndexedPack& indexed, uint64_t stored_bytes, const Report& problem,
                   std::stop_token stop) try {
  const uint64_t expected_bytes = PackBytes(indexed.blobs);
  const bool fits = stored_bytes == expected_bytes && LieWithoutGaps(indexed);
  PackReader reader(state, indexed.id, stored_bytes, stop);
  if (stored_bytes != expected_bytes) {
    problem("it has " + std::to_string(stored_bytes) + " bytes, and by the index should have " +
            std::to_string(expected_bytes));
  } else if (!fits) {
    problem("the index lists its blobs with gaps or overlaps");
  } else {
    CheckBlobs(reader, state.sealer, indexed.blobs, problem);
    if (reader.left() <= kMaxHeaderBytes + 4) {
      CheckHeader(reader.Next(reader.left()), state.sealer, indexed.blobs, problem);
    }
  }
  if (reader.Finish() != indexed.id) problem("its content is not what its name says");
  return reader.read();
} catch (const Error& error) {
  if (error.kind() != ErrorKind::kCorrupt && error.kind() != ErrorKind::kNotFound) throw;
  problem(error.what());
  return 0;
}

uint64_t CheckUnindexedPack(Repository::State& state, const Digest& pack, uint64_t stored_bytes, const Report& problem,
                            std::stop_token stop) try {
  if (stored_bytes < kPackOverhead) throw Error(ErrorKind::kCorrupt, "it is too short to be a pack");
  const uint32_t length = SealedHeaderBytes(ReadPackRange(*state.store, pack, stored_bytes - 4, 4, stop), stored_bytes);
  const Bytes header = ReadPackRange(*state.store, pack, stored_bytes - 4 - length, length, stop);
  return CheckPack(state, {pack, ParsePackHeader(state.sealer.Open(header))}, stored_bytes, problem, stop);
} catch (const Error& error) {
  if (error.kind() != ErrorKind::kCorrupt && error.kind() != ErrorKind::kNotFound) throw;
  problem(error.what());
  return 0;
}

}  // namespace cofre::repository
