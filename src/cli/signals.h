#pragma once

// Ctrl-C and SIGTERM as a std::stop_token.

#include <stop_token>

namespace cofre::cli {

// For the whole process, to be called once, before any thread is started. The first SIGINT or SIGTERM requests the
// stop: the command then tidies and exits with 130. The second one ends the process at once, with 130. SIGHUP and
// SIGPIPE do nothing: restic sends SIGHUP to a process whose lock it finds, and a pipe that nobody reads any more is an
// error of write(2). Programs that we start have the usual signals again.
std::stop_token InstallSignals();

// From now on each SIGHUP writes a byte to a pipe; returns its reading end, which doesn't block. For a service, which
// reads its configuration anew. (restic's SIGHUP then costs a look at a file.)
int InstallHangup();

}  // namespace cofre::cli
