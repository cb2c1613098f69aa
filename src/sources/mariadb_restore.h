#pragma once

// A dump of mariadb-dump into a new database.

#include <memory>
#include <stop_token>
#include <string>

#include "base/stream.h"
#include "sources/mariadb_tools.h"

namespace cofre::sources {

// A table of this name stands in a database whose restore has not ended; its comment is when that began.
inline constexpr const char* kUnfinishedTable = "cofre-restore-unfinished";

// See Source::Restore. No database of MariaDB can be renamed, so that it is made under its own name, with
// kUnfinishedTable in it until it is whole; where it does not come to that it is dropped. Killed with us, it stays half
// made: the next restore to that name drops it first (docs/decisions/0172).
std::unique_ptr<ByteSink> RestoreToMariadb(const MariadbConnection& connection, const std::string& target, bool replace,
                                           std::stop_token stop);

// See Source::DropScratch.
void DropMariadbScratch(const MariadbConnection& connection, const std::string& name, const std::stop_token& stop);

}  // namespace cofre::sources
