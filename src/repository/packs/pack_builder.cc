#include "repository/packs/pack_builder.h"

#include <stdexcept>
#include <utility>

namespace cofre::repository {

PackBuilder::PackBuilder(size_t reserve_bytes) : reserve_bytes_(reserve_bytes) { bytes_.reserve(reserve_bytes_); }

PackBuilder::PackBuilder(Bytes memory) : reserve_bytes_(0), bytes_(std::move(memory)) { bytes_.clear(); }

void PackBuilder::Add(const Digest& id, BlobType type, uint32_t uncompressed_length, ByteView sealed) {
  if (!Fits(sealed.size())) throw std::logic_error("PackBuilder: the pack is full");
  blobs_.push_back(
      {id, type, static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(sealed.size()), uncompressed_length});
  bytes_.insert(bytes_.end(), sealed.begin(), sealed.end());
  finished_bytes_ += sealed.size() + EntryBytes(blobs_.back());
}

bool PackBuilder::Fits(uint64_t sealed_bytes) const {
  return blobs_.size() < kMaxPackBlobs && finished_bytes() + sealed_bytes + kCompressedEntryBytes <= kMaxPackBytes;
}

FinishedPack PackBuilder::Finish(const Sealer& sealer) {
  const Bytes header = EncodePackHeader(blobs_);
  const size_t blob_bytes = bytes_.size();
  const size_t header_bytes = header.size() + kSealOverhead;
  bytes_.resize(blob_bytes + header_bytes);
  sealer.Seal(header, MutableBytes(bytes_).subspan(blob_bytes));
  AppendU32(bytes_, static_cast<uint32_t>(header_bytes));

  FinishedPack pack{Sha256(bytes_), std::exchange(bytes_, {}), std::exchange(blobs_, {})};
  bytes_.reserve(reserve_bytes_);
  finished_bytes_ = kPackOverhead;
  return pack;
}

}  // namespace cofre::repository
