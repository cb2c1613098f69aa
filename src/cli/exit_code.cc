#include "cli/exit_code.h"

namespace cofre::cli {

int ExitCodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kTransient:
      return kExitTransient;
    case ErrorKind::kPermanent:
      return kExitPermanent;
    case ErrorKind::kNotFound:
      return kExitNotFound;
    case ErrorKind::kAuth:
      return kExitAuth;
    case ErrorKind::kQuota:
      return kExitQuota;
    case ErrorKind::kCorrupt:
      return kExitCorrupt;
    case ErrorKind::kCancelled:
      return kExitCancelled;
    case ErrorKind::kUsage:
      return kExitUsage;
  }
  return kExitPermanent;
}

int CombineExitCodes(int one, int other) {
  if (one == kExitOk || one == other) return other;
  if (other == kExitOk) return one;
  return kExitPermanent;
}

std::string ExitCodeHelp() {
  return "Exit codes:\n"
         "    0  done\n"
         "    1  failed, and will fail again until something changes (also: several things failed for several "
         "reasons)\n"
         "    2  the command line, a value or the configuration is not as it must be\n"
         "    3  something named does not exist\n"
         "    4  credentials or a key are missing, wrong or refused; a clock is too far off\n"
         "    5  a company's space limit\n"
         "    6  stored bytes are damaged, or not what they should be\n"
         "    7  failed, but may work if tried again: busy, unreachable\n"
         "  130  cancelled\n";
}

}  // namespace cofre::cli
