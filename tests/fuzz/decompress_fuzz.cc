// Any bytes as zstd frames: decompressed within the limit, or refused with kind corrupt.

#include <cstdlib>

#include "base/error.h"
#include "repository/compression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint64_t kLimit = 1 << 20;
  namespace repository = cofre::repository;
  try {
    const cofre::Bytes plain = repository::Decompress({data, size}, kLimit);
    if (plain.size() > kLimit) std::abort();
    cofre::Bytes exact(plain.size());
    repository::DecompressExactly({data, size}, exact);
    if (exact != plain) std::abort();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kCorrupt) std::abort();
  }
  if (repository::Decompress(repository::Compress({data, size}), size) != cofre::Bytes(data, data + size)) std::abort();
  return 0;
}
