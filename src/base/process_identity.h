#pragma once

// Names a running process so that another one can tell later whether it still runs, even where its number has been
// given to somebody else since, or the machine started anew.

#include <string>

namespace cofre {

// "host/boot/pid/start": boot is the kernel's id of this start of the machine, start is in the kernel's ticks since
// then. Read once from /proc; the same for every thread.
const std::string& OwnProcessIdentity();

// False only where it is certain that the process is gone: it ran on this host, and before its last start or under a
// number that is now free or somebody else's. True for a process of another host, which cannot be known from here, and
// for text that OwnProcessIdentity would not give.
bool MayBeAlive(const std::string& identity);

}  // namespace cofre
