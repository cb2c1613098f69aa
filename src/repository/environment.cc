#include "repository/environment.h"

#include <unistd.h>

#include "base/process_identity.h"

namespace cofre::repository {

Environment SystemEnvironment() {
  Environment environment;
  environment.clock = &SystemClock();
  environment.random = &SystemRandom();
  environment.process_identity = OwnProcessIdentity();
  environment.hostname = environment.process_identity.substr(0, environment.process_identity.find('/'));
  environment.process_id = getpid();
  environment.has_ended = HasEndedHere;
  return environment;
}

}  // namespace cofre::repository
