#pragma once

// Looking at other processes through /proc.

#include <sys/types.h>

#include <string>
#include <vector>

namespace cofre::test {

// False for one that has ended, also where nobody has waited for it yet.
bool IsRunning(pid_t pid);

// Waits up to ten seconds for the process to end.
bool WaitUntilGone(pid_t pid);

// A process whose parent is `parent` and whose name (as in /proc/PID/comm) is `name`; 0: none.
pid_t ChildNamed(pid_t parent, const std::string& name);

// The arguments of a running process, joined by blanks; empty when it is gone.
std::string CommandLine(pid_t pid);

}  // namespace cofre::test
