#pragma once

// The numbers that a script can rely on. They are part of the interface: see `cofre --help` and docs/cli.md.

#include <string>

#include "base/error.h"

namespace cofre::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitPermanent = 1,
  kExitUsage = 2,
  kExitNotFound = 3,
  kExitAuth = 4,
  kExitQuota = 5,
  kExitCorrupt = 6,
  kExitTransient = 7,
  kExitCancelled = 130,
};

int ExitCodeOf(ErrorKind kind);

// Of several pieces of work: 0 where none failed, the common code where all failures have the same, else 1.
int CombineExitCodes(int one, int other);

// The table of codes, for help and manual.
std::string ExitCodeHelp();

}  // namespace cofre::cli
