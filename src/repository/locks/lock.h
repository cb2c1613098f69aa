#pragma once

// restic's lock protocol: objects in locks/, each naming a process. Shared locks exclude exclusive ones, and those
// exclude everything. Two requests to take (PUT own, LIST), one to let go, and a GET for each lock of somebody else.
//
// - PUT precedes LIST, and listings are consistent: of two that race, at least one sees the other.
// - A held lock is refreshed every 5 minutes (PUT the new one, DELETE the old one). Where that fails for 22.5 minutes
// the
//   lock counts as lost: token() stops, for after 30 minutes others may take it for stale.
// - Stale locks are removed on the way: ours (same host, boot and pid namespace) whose process is gone or is another
// one
//   by now, and anybody's that is older than 30 minutes, as `restic unlock` does.
// - The hostname written is "cofre@HOST": restic sends SIGHUP to the process id of a lock that carries its own
// hostname.
//   The username carries what identifies our process (see environment.h).

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "repository/repository.h"

namespace cofre::repository {

enum class LockMode : uint8_t { kShared, kExclusive };

// A lock object's JSON.
struct LockRecord {
  TimePoint time{};
  bool exclusive = false;
  std::string hostname;
  std::string username;
  int process_id = 0;
};
std::string LockToJson(const LockRecord& record);
LockRecord LockFromJson(ByteView json);  // throws corrupt

// Held from construction to destruction. A background thread refreshes it.
class RepositoryLock {
 public:
  // Throws transient where somebody else's lock conflicts, naming host, process and age; nothing is left behind then.
  RepositoryLock(Repository::State& state, LockMode mode, std::stop_token stop);
  // Deletes the lock. A failure is logged and mended by the next lock that this process or host takes.
  ~RepositoryLock();
  RepositoryLock(const RepositoryLock&) = delete;
  RepositoryLock& operator=(const RepositoryLock&) = delete;

  // Stops when the caller's `stop` does, or when the lock is lost. What is done under the lock uses this token.
  std::stop_token token() const;

  // Throws transient where the lock has been lost. Called before each step that only a lock makes safe (a delete, the
  // snapshot), and by whoever catches `cancelled`, to tell the two reasons apart.
  void RequireHeld() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cofre::repository
