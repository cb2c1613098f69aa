#pragma once

// What a repository needs from outside, passed in.

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"

namespace cofre::repository {

class PackMemory;

struct Environment {
  Clock* clock = nullptr;    // not owned
  Random* random = nullptr;  // not owned; must be SystemRandom() outside tests: keys and nonces come from it
  std::string hostname;      // of this machine; locks are written under it (see locks/lock.h)
  int process_id = 0;

  // Tells this process from all others: base's OwnProcessIdentity().
  std::string process_identity;
  // Whether the process of that identity has certainly ended: base's HasEndedHere. Where it is empty, nothing is known
  // of other processes, and only age makes their locks stale. Thread-safe.
  std::function<bool(const std::string& process_identity)> has_ended;

  // What the packs in memory are held to (packs/pack_memory.h); null: nothing.
  std::shared_ptr<PackMemory> pack_memory;
};

// This process on this machine: the system's clock, randomness, name and processes. All that comes from one call shares
// one bound on the packs in memory.
Environment SystemEnvironment();

}  // namespace cofre::repository
