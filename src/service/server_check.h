#pragma once

// Does a server let us in? A real attempt, in words for who looks after it.

#include <chrono>
#include <stop_token>
#include <string>

#include "service/wiring.h"

namespace cofre::service {

struct ServerCheck {
  bool ok = false;
  std::string kind;     // base/error.h's name of what went wrong; empty where it is well
  std::string message;  // what was tried and what came of it; without secrets
  std::string hint;     // what to do; may be empty
  std::string version;  // the engine's, where it says it
};

// Signs in and looks at a database: the first that is registered on it, else one that cannot exist, whose refusal comes
// after the sign-in. A failure is told, not thrown; whatever does not answer within `limit` is ended. Nothing is
// dumped or changed, and no program of a database of commands is run. Blocks; throws not_found for a server that is not
// registered, cancelled where `stop` is requested, and the catalogue's errors.
ServerCheck CheckServer(Wiring& wiring, const std::string& server, std::chrono::seconds limit,
                        const std::stop_token& stop);

}  // namespace cofre::service
