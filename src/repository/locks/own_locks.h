#pragma once

// Which lock objects this process has written and not yet seen deleted: two operations on one repository in one process
// need no request to read each other's locks, and a lock whose deletion failed is deleted by the next operation.

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/digest.h"

namespace cofre::repository {

enum class OwnLockState : uint8_t { kHeldShared, kHeldExclusive, kAbandoned };

// Thread-safe. An id is random, so repositories need not be told apart; tests that play several processes give each an
// identity.
class OwnLocks {
 public:
  static OwnLocks& Instance();

  void Set(const std::string& process_identity, const Digest& id, OwnLockState state);
  void Erase(const Digest& id);
  std::optional<OwnLockState> Find(const std::string& process_identity, const Digest& id) const;

 private:
  struct Entry {
    std::string process_identity;
    OwnLockState state;
  };
  mutable std::mutex mutex_;
  std::unordered_map<Digest, Entry, DigestHash> entries_;
};

}  // namespace cofre::repository
