#pragma once

// A gbak stream into a database.

#include <memory>
#include <stop_token>
#include <string>

#include "base/stream.h"
#include "io/process_stream.h"
#include "sources/firebird_tools.h"

namespace cofre::sources {

// Into a file of this machine, by the embedded engine: made beside `target`, validated, then given its name. An old
// database that somebody has open is not replaced (kind permanent): he would go on writing into a file without a name.
std::unique_ptr<ByteSink> RestoreToFile(const FirebirdConnection& connection, const std::string& target, bool replace,
                                        std::stop_token stop);

// Into a new database of a server. Where the restore does not come to its end, what the server has of it is dropped.
std::unique_ptr<ByteSink> RestoreToServer(const FirebirdConnection& connection, const std::string& target, bool replace,
                                          std::stop_token stop);

// Throws unless gbak restored everything: exit status 0, no error, and its word that it came to the end.
void JudgeFirebirdRestore(const io::ProcessEnd& end, const io::StreamFacts& facts, const std::string& database);

}  // namespace cofre::sources
