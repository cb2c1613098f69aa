#include "repository/environment.h"

#include <unistd.h>

#include "base/process_identity.h"
#include "repository/packs/pack_memory.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kPackMemoryBytes = uint64_t{160} * 1024 * 1024;

}  // namespace

Environment SystemEnvironment() {
  Environment environment;
  environment.clock = &SystemClock();
  environment.random = &SystemRandom();
  environment.process_identity = OwnProcessIdentity();
  environment.hostname = environment.process_identity.substr(0, environment.process_identity.find('/'));
  environment.process_id = getpid();
  environment.has_ended = HasEndedHere;
  environment.pack_memory = std::make_shared<PackMemory>(kPackMemoryBytes);
  return environment;
}

}  // namespace cofre::repository
