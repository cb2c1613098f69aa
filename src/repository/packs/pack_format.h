#pragma once

// The pack file, restic's container of blobs:
//
//   blob_1 || ... || blob_n || seal(header) || u32le(length of the sealed header)
//
// Each blob is seal(P) or seal(zstd(P)); they lie without gaps from offset 0. The header has one entry a blob:
//   type u8 | u32le stored length | [u32le plain length, where compressed] | 32 bytes SHA-256 of the plain blob
// with type 0 data, 1 tree, 2 data compressed, 3 tree compressed. Source: restic's design.rst, "Pack Format".

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "repository/crypto/seal.h"

namespace cofre::repository {

enum class BlobType : uint8_t { kData = 0, kTree = 1 };

// "data" or "tree", as index files write it.
const char* BlobTypeName(BlobType type);

struct PackedBlob {
  Digest id{};  // SHA-256 of the plain bytes
  BlobType type = BlobType::kData;
  uint32_t offset = 0;
  uint32_t length = 0;               // as stored, seal included
  uint32_t uncompressed_length = 0;  // 0: stored raw

  bool compressed() const { return uncompressed_length != 0; }
  uint32_t plain_length() const {
    return compressed() ? uncompressed_length : length - static_cast<uint32_t>(kSealOverhead);
  }
  bool operator==(const PackedBlob&) const = default;
};

inline constexpr uint64_t kRawEntryBytes = 37;
inline constexpr uint64_t kCompressedEntryBytes = 41;
// The header's seal and its length field: what a pack holds beyond blobs and header entries.
inline constexpr uint64_t kPackOverhead = kSealOverhead + 4;
// restic refuses longer headers (sealed, without the length field).
inline constexpr uint32_t kMaxHeaderBytes = 16 * 1024 * 1024;
inline constexpr uint64_t kMaxPackBlobs = (kMaxHeaderBytes - kSealOverhead) / kCompressedEntryBytes;
// No pack of ours comes near; restic's are up to 128 MiB plus one blob. Larger ones are refused before allocation.
inline constexpr uint64_t kMaxPackBytes = uint64_t{512} * 1024 * 1024;
// A larger plain blob is refused before allocation (restic's chunker cuts at 8 MiB; a large tree may be longer).
inline constexpr uint64_t kMaxPlainBlobBytes = uint64_t{256} * 1024 * 1024;

inline uint64_t EntryBytes(const PackedBlob& blob) {
  return blob.compressed() ? kCompressedEntryBytes : kRawEntryBytes;
}

// Size of the file that holds exactly these blobs.
uint64_t PackBytes(std::span<const PackedBlob> blobs);

// The header before it is sealed. The blobs are in the order of their offsets.
Bytes EncodePackHeader(std::span<const PackedBlob> blobs);

// Offsets are sums of the lengths before. Throws corrupt for an unknown type, a length below a seal's, a truncated
// entry, offsets beyond 32 bits, or more blobs than a header may hold.
std::vector<PackedBlob> ParsePackHeader(ByteView plain);

// Length of the sealed header, from a pack's last four bytes; throws corrupt where it does not fit into the pack or is
// beyond kMaxHeaderBytes, so before anybody allocates it.
uint32_t SealedHeaderBytes(ByteView last_four, uint64_t pack_bytes);

// The blobs of a whole pack in memory; throws corrupt also where they do not fill it exactly.
std::vector<PackedBlob> ReadPackHeader(ByteView pack, const Sealer& sealer);

}  // namespace cofre::repository
