#pragma once

// What a repository needs from outside, passed in.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"

namespace cofre::repository {

struct Environment {
  Clock* clock = nullptr;    // not owned
  Random* random = nullptr;  // not owned; must be SystemRandom() outside tests: keys and nonces come from it
  std::string hostname;      // of this machine; locks are written under it (see locks/lock.h)
  int process_id = 0;

  // What tells this process from another one that has, or had, the same number on a host of the same name. A process id
  // means something only within its realm: one boot of one kernel, one pid namespace.
  std::string process_realm;   // letters and digits
  uint64_t process_start = 0;  // any number that two processes of one id do not share: /proc's start time
  // The start of the process that has this id in our realm now; nullopt: there is none. Where the function is empty
  // nothing is known of other processes, and only age makes their locks stale. Thread-safe.
  std::function<std::optional<uint64_t>(int process_id)> start_of_process;
};

// This process on this machine: the system's clock and randomness, /proc.
Environment SystemEnvironment();

}  // namespace cofre::repository
