#pragma once

// A thread that lives as long as the process, for system calls that tie something to the thread that makes them
// (PR_SET_PDEATHSIG: the child dies with the thread that forked it).

#include <functional>

namespace cofre::io {

// Runs `work`, which must be short and not throw, on that thread and waits for its end. Calls take turns. Thread-safe.
void RunOnLastingThread(const std::function<void()>& work);

}  // namespace cofre::io
