#pragma once

// Secrets that the catalogue must be able to give back: sealed with AES-256-GCM (NIST SP 800-38D) under a key derived
// from the master key, so that whoever has the catalogue alone has nothing (decision 0151).

#include <string>

#include "base/random.h"
#include "base/secret.h"

namespace cofre::api {

// `key` has 32 bytes. `about` says whose it is: opened as somebody else's it is refused. Hexadecimal.
std::string SealText(const Secret& key, const std::string& about, const Secret& plain, Random& random);
// Throws kind auth where it was not sealed so.
Secret OpenSealedText(const Secret& key, const std::string& about, const std::string& sealed);

}  // namespace cofre::api
