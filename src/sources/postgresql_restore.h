#pragma once

// An archive of pg_dump into a new database.

#include <memory>
#include <stop_token>
#include <string>

#include "base/stream.h"
#include "sources/postgresql_tools.h"

namespace cofre::sources {

// See Source::Restore. It is made under a name of its own, "cofre-restore-" and 16 digits, and gets its own only when
// it is whole; where it does not come to that it is dropped. Killed with us, it stays under the other name until a
// later restore on that server drops it: the digits begin with when it was made, in seconds since 1970.
std::unique_ptr<ByteSink> RestoreToPostgresql(const PostgresqlConnection& connection, const std::string& target,
                                              bool replace, std::stop_token stop);

}  // namespace cofre::sources
