#pragma once

// What a repository needs from outside, passed in.

#include <string>

#include "base/clock.h"
#include "base/random.h"

namespace cofre::repository {

struct Environment {
  Clock* clock = nullptr;    // not owned
  Random* random = nullptr;  // not owned; must be SystemRandom() outside tests: keys and nonces come from it
  std::string hostname;      // of this machine; locks are written under it (see locks/lock.h)
  int process_id = 0;
};

}  // namespace cofre::repository
