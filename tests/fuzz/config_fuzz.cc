// Any bytes as a configuration: read, or refused with kind usage, naming the file.

#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "service/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto config = cofre::service::ParseConfig(cofre::AsText({data, size}), "/etc/cofre/cofre.toml");
    if (config.store.empty() || !config.catalogue.starts_with('/')) std::abort();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kUsage) std::abort();
    if (!std::string(error.what()).starts_with("/etc/cofre/cofre.toml")) std::abort();
  }
  return 0;
}
