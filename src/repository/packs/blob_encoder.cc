#include "repository/packs/blob_encoder.h"

#include <cstring>

#include "base/error.h"
#include "repository/compression.h"

namespace cofre::repository {
namespace {

// The first `size` bytes of a buffer that only grows: a blob costs no allocation and no zeroing.
MutableBytes FirstBytes(Bytes& buffer, size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return MutableBytes(buffer).first(size);
}

}  // namespace

EncodedBlob BlobEncoder::Encode(BlobType type, const Digest& id, ByteView plain, int level) {
  const MutableBytes compressed = FirstBytes(compressed_, CompressBound(plain.size()));
  const size_t compressed_bytes = CompressInto(plain, level, compressed);
  const bool gains = compressed_bytes < plain.size();
  const ByteView content = gains ? compressed.first(compressed_bytes) : plain;

  const MutableBytes sealed = FirstBytes(sealed_, content.size() + kSealOverhead);
  sealer_.Seal(content, sealed);

  const auto plain_length = static_cast<uint32_t>(plain.size());
  const EncodedBlob blob{id, type, gains ? plain_length : 0, plain_length, sealed};
  RequireReadsBack(blob, plain);
  return blob;
}

void BlobEncoder::RequireReadsBack(const EncodedBlob& blob, ByteView plain) try {
  const MutableBytes opened = FirstBytes(opened_, blob.sealed.size() - kSealOverhead);
  sealer_.Open(blob.sealed, opened);
  ByteView content = opened;
  if (blob.uncompressed_length != 0) {
    const MutableBytes decompressed = FirstBytes(decompressed_, blob.uncompressed_length);
    DecompressExactly(opened, decompressed);
    content = decompressed;
  }
  if (content.size() != plain.size() || std::memcmp(content.data(), plain.data(), plain.size()) != 0) {
    throw Error(ErrorKind::kCorrupt, "the content differs");
  }
} catch (const Error& error) {
  throw Error(
      ErrorKind::kCorrupt,
      "blob " + blob.id.Hex() + " did not come back as it was when it was read before its upload: " + error.what(),
      "nothing of it was stored; test this machine's memory");
}

}  // namespace cofre::repository
