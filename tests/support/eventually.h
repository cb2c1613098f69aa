#pragma once

// Waiting for what another process does.

#include <chrono>
#include <functional>
#include <thread>

namespace cofre::test {

// Polls until it holds, for half a minute at most.
inline bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 600; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

}  // namespace cofre::test
