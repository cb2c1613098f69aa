#include "repository/locks/own_locks.h"

namespace cofre::repository {

OwnLocks& OwnLocks::Instance() {
  static OwnLocks locks;
  return locks;
}

void OwnLocks::Set(const std::string& process_identity, const Digest& id, OwnLockState state) {
  const std::lock_guard lock(mutex_);
  entries_[id] = {process_identity, state};
}

void OwnLocks::Erase(const Digest& id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
}

std::optional<OwnLockState> OwnLocks::Find(const std::string& process_identity, const Digest& id) const {
  const std::lock_guard lock(mutex_);
  const auto position = entries_.find(id);
  if (position == entries_.end() || position->second.process_identity != process_identity) return std::nullopt;
  return position->second.state;
}

}  // namespace cofre::repository
