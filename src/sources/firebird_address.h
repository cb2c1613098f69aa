#pragma once

// How Firebird's tools are told which database is meant.

#include <cstdint>
#include <string>

namespace cofre::sources {

struct FirebirdAddress {
  std::string argument;  // for the tools: "host/3050:path", or the path alone; the path in the server's code page
  std::string shown;     // the same in UTF-8, for messages
};

// Host empty: the embedded engine. Throws kind usage for an empty path, for one that Firebird would take for something
// else (a local path with ':' names a host, one with '-' in front an option) or that the code page cannot express.
FirebirdAddress MakeFirebirdAddress(const std::string& host, uint16_t port, const std::string& path,
                                    const std::string& path_charset);

// UTF-8 into another character set, by iconv's name of it; throws kind usage where that cannot be.
std::string ToCharset(const std::string& text, const std::string& charset);

}  // namespace cofre::sources
