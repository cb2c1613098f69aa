#pragma once

// Several requests at once, for work whose parts do not depend on each other.

#include <cstddef>
#include <functional>
#include <stop_token>

namespace cofre::repository {

// Calls body(i, stop) for every i below `count`, on up to `threads` threads, in ascending order of their starts.
// Returns when all have ended. Where one throws, the others are asked to stop and that error is thrown. One part alone
// runs on the caller's thread.
void ParallelFor(size_t count, size_t threads, std::stop_token stop,
                 const std::function<void(size_t i, std::stop_token stop)>& body);

// Throws kind cancelled once `stop` is requested.
void RequireNotStopped(const std::stop_token& stop);

}  // namespace cofre::repository
