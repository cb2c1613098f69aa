#include "repository/packs/pack_format.h"

#include <cstring>
#include <limits>

#include "base/error.h"

namespace cofre::repository {
namespace {

constexpr size_t kIdBytes = 32;
constexpr uint8_t kCompressedBit = 2;

Error BadHeader(const std::string& why) { return {ErrorKind::kCorrupt, "pack header is damaged: " + why}; }

}  // namespace

const char* BlobTypeName(BlobType type) { return type == BlobType::kTree ? "tree" : "data"; }

uint64_t PackBytes(std::span<const PackedBlob> blobs) {
  uint64_t bytes = kPackOverhead;
  for (const PackedBlob& blob : blobs) bytes += blob.length + EntryBytes(blob);
  return bytes;
}

Bytes EncodePackHeader(std::span<const PackedBlob> blobs) {
  Bytes header;
  header.reserve(blobs.size() * kCompressedEntryBytes);
  for (const PackedBlob& blob : blobs) {
    const auto type = static_cast<uint8_t>(blob.type);
    header.push_back(blob.compressed() ? type | kCompressedBit : type);
    AppendU32(header, blob.length);
    if (blob.compressed()) AppendU32(header, blob.uncompressed_length);
    header.insert(header.end(), blob.id.bytes.begin(), blob.id.bytes.end());
  }
  return header;
}

std::vector<PackedBlob> ParsePackHeader(ByteView plain) {
  if (plain.size() > kMaxHeaderBytes) throw BadHeader("too long");
  std::vector<PackedBlob> blobs;
  blobs.reserve(plain.size() / kRawEntryBytes);
  uint64_t offset = 0;
  while (!plain.empty()) {
    const uint8_t type = plain[0];
    if (type > 3) throw BadHeader("unknown blob type " + std::to_string(type));
    const bool compressed = (type & kCompressedBit) != 0;
    const size_t entry_bytes = compressed ? kCompressedEntryBytes : kRawEntryBytes;
    if (plain.size() < entry_bytes) throw BadHeader("it ends in the middle of an entry");

    PackedBlob blob;
    blob.type = (type & 1) != 0 ? BlobType::kTree : BlobType::kData;
    blob.length = ReadU32(plain.data() + 1);
    if (compressed) {
      blob.uncompressed_length = ReadU32(plain.data() + 5);
      if (blob.uncompressed_length == 0) throw BadHeader("a compressed blob of no length");
    }
    if (blob.length < kSealOverhead) throw BadHeader("a blob shorter than its seal");
    std::memcpy(blob.id.bytes.data(), plain.data() + entry_bytes - kIdBytes, kIdBytes);
    blob.offset = static_cast<uint32_t>(offset);
    offset += blob.length;
    if (offset > std::numeric_limits<uint32_t>::max()) throw BadHeader("blobs beyond 4 GiB");
    blobs.push_back(blob);
    plain = plain.subspan(entry_bytes);
  }
  return blobs;
}

uint32_t SealedHeaderBytes(ByteView last_four, uint64_t pack_bytes) {
  if (last_four.size() != 4 || pack_bytes < kPackOverhead) throw BadHeader("the pack is too short to have one");
  const uint32_t length = ReadU32(last_four.data());
  if (length < kSealOverhead) throw BadHeader("its length is below a seal's");
  if (length > kMaxHeaderBytes || length > pack_bytes - 4) {
    throw BadHeader("it claims " + std::to_string(length) + " bytes in a pack of " + std::to_string(pack_bytes));
  }
  return length;
}

std::vector<PackedBlob> ReadPackHeader(ByteView pack, const Sealer& sealer) {
  if (pack.size() < 4) throw BadHeader("the pack is too short to have one");
  const uint32_t length = SealedHeaderBytes(pack.last(4), pack.size());
  const std::vector<PackedBlob> blobs = ParsePackHeader(sealer.Open(pack.subspan(pack.size() - 4 - length, length)));
  if (PackBytes(blobs) != pack.size()) throw BadHeader("its blobs do not fill the pack");
  return blobs;
}

}  // namespace cofre::repository
