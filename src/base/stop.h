#pragma once

// Cancellation: long work looks at its std::stop_token between steps.

#include <stop_token>

#include "base/error.h"

namespace cofre {

inline void ThrowIfStopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::kCancelled, "cancelled");
}

}  // namespace cofre
