#pragma once

// The master key: 256 random bits that every company's repository password is derived from. Bucket and master key
// together are enough to rebuild everything; either alone is worth nothing.
//
// As text it is made to be printed and typed: nine groups of eight hexadecimal digits and two check digits,
//   "cofre1 00112233-1c 44556677-f8 ... 0a1b2c3d-9e"
// Groups 1 to 8 are the key. Group 9 holds the first four bytes of SHA-256(key). The check digits of group n are the
// first byte of SHA-256(n as one byte, then the group's four bytes), so a mistyped or swapped group is named.
//
// Repository passwords are made so that `openssl kdf` makes them too (docs/decisions/0060):
//   HKDF-SHA256(key = the 32 bytes, salt = "cofre", info = "repository <path>", 32 bytes), as 64 lower-case hexadecimal
//   digits, where <path> is the repository's place below the store, as in "srv1/900869750".

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace cofre::engine {

class MasterKey {
 public:
  // `random` must be SystemRandom() outside tests.
  static MasterKey Generate(Random& random);

  // Reads the text form; blanks, dashes, line ends and upper case don't matter, the letters O, I and L count as the
  // digits they look like. Throws kind auth, naming the first group whose check digits are wrong.
  static MasterKey Parse(std::string_view text);

  // Throws kind auth where the file is missing, open to others or wrong.
  static MasterKey ReadFile(const std::string& path);

  // A new file of mode 0600; throws kind usage where it exists: a key in use is never written over.
  void WriteNewFile(const std::string& path) const;

  // The text form in one line, without "cofre1". Secret.
  Secret Format() const;
  // The 32 bytes as 64 hexadecimal digits, for openssl. Secret.
  Secret Hex() const;

  // Group 9: tells keys apart and tells nothing about them.
  std::string Fingerprint() const;

  Secret RepositoryPassword(std::string_view repository_path) const;
  // 32 bytes for what else is kept secret: HKDF as above with info = "seal <purpose>". Secret.
  Secret SealingKey(std::string_view purpose) const;

 private:
  explicit MasterKey(Secret bytes) : bytes_(std::move(bytes)) {}
  Secret bytes_;  // 32 bytes
};

}  // namespace cofre::engine
