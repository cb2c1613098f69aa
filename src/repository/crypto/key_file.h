#pragma once

// Key files: the master key, sealed with a key that scrypt makes from a password. Any number of them may open the same
// repository. Source: restic's design.rst, "Keys, Encryption and MAC".

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "repository/crypto/scrypt.h"

namespace cofre::repository {

struct KeyFile {
  TimePoint created{};
  std::string username;
  std::string hostname;
  ScryptParameters parameters;
  Bytes salt;  // 64 bytes
  Bytes data;  // the sealed master key
};

// For the passwords that Cofre derives itself: 256 bits of randomness need no slow hash, and opening a repository must
// cost milliseconds (docs/decisions/0021).
inline constexpr ScryptParameters kOwnScryptParameters{16, 8, 1};

std::string KeyFileToJson(const KeyFile& file);
// Throws corrupt for another kdf than scrypt, a salt of another length, or parameters that RequireAcceptable refuses.
KeyFile KeyFileFromJson(ByteView json);

KeyFile WrapMasterKey(const MasterKey& key, const Secret& password, const ScryptParameters& parameters, Random& random);
// nullopt where the password is another one; throws corrupt where what it opens is no master key.
std::optional<MasterKey> UnwrapMasterKey(const KeyFile& file, const Secret& password);

}  // namespace cofre::repository
