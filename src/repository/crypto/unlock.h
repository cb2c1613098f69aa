#pragma once

// From a password to the master key of a stored repository.

#include <stop_token>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/secret.h"
#include "repository/crypto/seal.h"
#include "storage/object_store.h"

namespace cofre::repository {

std::vector<Digest> ListKeyFiles(storage::ObjectStore& store, const std::stop_token& stop);

struct Unlocked {
  MasterKey key;
  Digest key_file{};
  Bytes key_file_json;
};

// The master key, from the first key file that the password opens, cheapest first. Throws auth where it opens none, and
// corrupt where it opens none and some could not be read.
Unlocked UnlockMasterKey(storage::ObjectStore& store, std::vector<Digest> ids, const Secret& password,
                         const std::stop_token& stop);

}  // namespace cofre::repository
