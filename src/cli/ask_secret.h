#pragma once

// A secret from the person at the terminal, or from whoever stands on standard input. Never from an argument.

#include <string>

#include "base/secret.h"

namespace cofre::cli {

// At a terminal: asks for `what` twice, without showing what is typed. Else: all of standard input less one line end.
// Throws kind usage where the two differ, or it is empty or longer than 4 KiB.
Secret AskNewSecret(const std::string& what);

}  // namespace cofre::cli
