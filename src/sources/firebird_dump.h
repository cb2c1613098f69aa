#pragma once

// A database as a stream, through gbak.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/stream.h"
#include "io/process_stream.h"
#include "sources/firebird_tools.h"

namespace cofre::sources {

// See Source::Dump. A dump is whole when gbak ended with exit status 0, reported no error, reported its end, and the
// number of bytes that it says it has written is the number that came.
std::unique_ptr<ByteSource> StartFirebirdDump(const FirebirdConnection& connection, const std::string& address,
                                              std::stop_token stop);

// The rule above; throws where the dump is not whole.
void JudgeFirebirdDump(const io::ProcessEnd& end, const io::StreamFacts& facts, std::string_view database);

// From gbak's line "gbak:closing file, committing, and finishing. 16007680 bytes written".
std::optional<uint64_t> BytesThatGbakWrote(std::string_view said);

}  // namespace cofre::sources
