#pragma once

// Names a running process so that another one can tell later whether it still runs, even where its number has been
// given to somebody else since, or the machine started anew.

#include <string>

namespace cofre {

// "host/boot:namespace/pid/start": boot is the kernel's id of this start of the machine, namespace the number of the
// pid namespace (a container has its own), start is in the kernel's ticks since the boot. Read once from /proc; the
// same for every thread.
const std::string& OwnProcessIdentity();

// False only where it is certain that the process is gone: it ran on this host, and before its last start or under a
// number that is now free or somebody else's. True for a process of another host, which cannot be known from here, and
// for text that OwnProcessIdentity would not give.
bool MayBeAlive(const std::string& identity);

// True only where it is certain that the process runs, in this very boot and pid namespace.
bool RunsHere(const std::string& identity);

// Stricter than !MayBeAlive: true only where the process ran in this very boot and pid namespace and is gone. Two
// machines may bear one host name (clones, containers of one image), so another boot proves nothing where both reach
// the same bucket.
bool HasEndedHere(const std::string& identity);

}  // namespace cofre
