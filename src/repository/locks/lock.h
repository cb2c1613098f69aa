#pragma once

// restic's lock protocol: objects in locks/, each naming a process. Shared locks exclude exclusive ones, and those
// exclude everything. Two requests to take (PUT own, LIST), one to let go, and a GET for each lock of another process.
//
// - PUT precedes LIST, and listings are consistent: of two that race, at least one sees the other.
// - A held lock is refreshed every 5 minutes (PUT the new one, DELETE the old one). Where that fails for 22.5 minutes
// the
//   lock counts as lost: token() stops, for after 30 minutes others may take it for stale.
// - Stale locks are removed on the way: ours whose process has certainly ended (see environment.h), and anybody's that
// is
//   older than 30 minutes, as `restic unlock` does.
// - The hostname written is "cofre@HOST": restic sends SIGHUP to the process id of a lock that carries its own
// hostname.

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "repository/repository.h"

namespace cofre::repository {

enum class LockMode : uint8_t { kShared, kExclusive };

// Held from construction to destruction. A background thread refreshes it.
class RepositoryLock {
 public:
  // Throws transient where somebody else's lock conflicts, naming host, process and time; nothing is left behind then.
  RepositoryLock(Repository::State& state, LockMode mode, std::stop_token stop);
  // The same with a listing of everything in place of that of the locks: for whoever needs it next. See listing.h for
  // what it can't say.
  RepositoryLock(Repository::State& state, LockMode mode, std::stop_token stop, Listing& listing);
  // Deletes the lock, within 20 seconds. A failure is logged and mended by the next lock that this process or host
  // takes.
  ~RepositoryLock();
  RepositoryLock(const RepositoryLock&) = delete;
  RepositoryLock& operator=(const RepositoryLock&) = delete;

  // Stops when the caller's `stop` does, or when the lock is lost. What is done under the lock uses this token.
  std::stop_token token() const;

  // Throws transient where the lock has been lost. Called before each step that only a lock makes safe (a delete, the
  // snapshot), and by whoever catches `cancelled`, to tell the two reasons apart.
  void RequireHeld() const;

  // Lets the lock go and deletes these objects in the same request. RequireHeld comes first. Returns those of them that
  // could not be deleted; throws where the request failed (then any may be gone). No more requests under this lock.
  std::vector<storage::DeleteFailure> ReleaseWith(std::span<const std::string> keys);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Takes the lock, calls body(lock), lets the lock go. Where the body was cancelled because the lock was lost, says so.
template <typename Body>
auto UnderLock(Repository::State& state, LockMode mode, const std::stop_token& stop, Body&& body) {
  RepositoryLock lock(state, mode, stop);
  try {
    return body(lock);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kCancelled && !stop.stop_requested()) lock.RequireHeld();
    throw;
  }
}

}  // namespace cofre::repository
