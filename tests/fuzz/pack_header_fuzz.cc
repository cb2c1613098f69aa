// Any bytes as a pack's header, and as a pack: read, or refused with kind corrupt. What was read says exactly what
// came.

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "repository/packs/pack_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace repository = cofre::repository;
  const cofre::ByteView bytes(data, size);
  try {
    const auto blobs = repository::ParsePackHeader(bytes);
    uint64_t offset = 0;
    for (const repository::PackedBlob& blob : blobs) {
      if (blob.offset != offset) std::abort();
      offset += blob.length;
    }
    if (!std::ranges::equal(repository::EncodePackHeader(blobs), bytes)) std::abort();
    if (repository::PackBytes(blobs) != offset + size + repository::kPackOverhead) std::abort();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kCorrupt) std::abort();
  }
  try {
    if (size >= 4) {
      const uint32_t length = repository::SealedHeaderBytes(bytes.last(4), size);
      if (length > size - 4 || length < repository::kSealOverhead) std::abort();
    }
    repository::MasterKey key;
    key.encrypt.fill(1);
    key.mac_k.fill(2);
    key.mac_r.fill(3);
    repository::ReadPackHeader(bytes, repository::Sealer(key, cofre::SystemRandom()));
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kCorrupt) std::abort();
  }
  return 0;
}
