#pragma once

// A snapshot of an SQLite database as a stream, without a copy of it.

#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/stream.h"
#include "sources/source.h"

namespace cofre::sources {

// A read transaction is held from the call to the stream's end. With a write-ahead log, writers go on undisturbed;
// without one their commits wait for the end, as for any reader.
std::unique_ptr<ByteSource> StartSqliteDump(const std::string& path, Limits limits, Clock& clock, std::stop_token stop);

}  // namespace cofre::sources
