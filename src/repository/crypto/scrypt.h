#pragma once

// scrypt (RFC 7914), which turns a repository's password into the key that opens its key file.

#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "repository/crypto/seal.h"

namespace cofre::repository {

struct ScryptParameters {
  uint64_t n = 0;  // cost, a power of two
  uint64_t r = 0;  // block size
  uint64_t p = 0;  // parallelism

  // Throws corrupt for what restic itself refuses, and for more than 256 MiB of memory or about 5 s of work: restic's
  // own choice is 32 MiB and half a second, and these numbers come from whoever can write to the bucket.
  void RequireAcceptable() const;
};

// 64 bytes as a key. Takes time and memory as the parameters say: 128 * n * r bytes.
MasterKey DeriveUserKey(const Secret& password, ByteView salt, const ScryptParameters& parameters);

}  // namespace cofre::repository
