#include "repository/packs/blob_decoder.h"

#include "base/error.h"
#include "repository/compression.h"

namespace cofre::repository {

ByteView BlobDecoder::Decode(const PackedBlob& blob, ByteView sealed) try {
  if (sealed.size() != blob.length || sealed.size() < kSealOverhead) {
    throw Error(ErrorKind::kCorrupt, "it is cut short");
  }
  if (sealed.size() > kMaxPlainBlobBytes || blob.plain_length() > kMaxPlainBlobBytes) {
    throw Error(ErrorKind::kCorrupt, "it claims to be larger than any blob may be");
  }
  opened_.resize(sealed.size() - kSealOverhead);
  sealer_.Open(sealed, opened_);
  ByteView plain = opened_;
  if (blob.compressed()) {
    plain_.resize(blob.uncompressed_length);
    DecompressExactly(opened_, plain_);
    plain = plain_;
  }
  if (Sha256(plain) != blob.id) throw Error(ErrorKind::kCorrupt, "its content is not what its id says");
  return plain;
} catch (const Error& error) {
  throw error.In(std::string(BlobTypeName(blob.type)) + " blob " + blob.id.Hex());
}

}  // namespace cofre::repository
