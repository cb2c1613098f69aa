#pragma once

// Whether a store is fit for backups: `cofre store check URL`.

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/object_store.h"

namespace cofre::storage {

// One question asked of the store.
struct CheckLine {
  std::string name;  // "credentials", "clock", "write", "read back", ...: a few words
  bool ok = false;
  std::string message;  // one line: what was found, or what failed
  std::string hint;     // what to do; empty where ok
};

// Writes, reads, lists, overwrites and deletes small objects below "cofre-check-<random>/" and removes them again.
// Never throws for what the store does wrong: that is in the lines. After a failure that makes the rest pointless
// (wrong credentials, no such bucket) the rest is left out. A RetryStore is asked with little patience, since somebody
// waits. Throws kind cancelled when `stop` is requested, after having tidied.
std::vector<CheckLine> CertifyStore(ObjectStore& store, Clock& clock, Random& random, std::stop_token stop);

}  // namespace cofre::storage
