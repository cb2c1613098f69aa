#pragma once

// How Firebird's tools are told which database is meant.

#include <cstdint>
#include <string>

namespace cofre::sources {

// "host/3050:path", or the path alone where the host is empty (the embedded engine). Port 0: the default. Throws kind
// usage for an empty path, for one that is not UTF-8, and for one that Firebird would take for something else: in a
// local path ':' ends a host's name, and '-' in front begins an option.
std::string FirebirdAddress(const std::string& host, uint16_t port, const std::string& path);

}  // namespace cofre::sources
