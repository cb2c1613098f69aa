#pragma once

// A Firebird database as it lies on disk: copied page by page by nbackup, and made from such a copy. Several times as
// fast as gbak both ways; what is damaged or left as rubbish in the file is so in the copy.

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/stream.h"
#include "io/process_stream.h"
#include "sources/firebird_tools.h"

namespace cofre::sources {

// See Source::Dump. A copy is whole when nbackup ended with exit status 0, said nothing, and as many whole pages came
// as the copy's own page inventories have in use. Whatever happens, the database does not stay in backup state
// (firebird_copy_lock.h). Throws usage for a database that is not on this machine: nbackup reads the file itself.
std::unique_ptr<ByteSource> StartFirebirdCopy(const FirebirdConnection& connection, const std::string& address,
                                              std::stop_token stop);

// What nbackup's end means; throws where it was no success.
void JudgeFirebirdCopy(const io::ProcessEnd& end, std::string_view database);

// A new file `path` out of a copy's stream, out of backup state and ready to be opened once Finish has returned.
// Whether it is sound is not looked at.
std::unique_ptr<ByteSink> CopyToFile(const FirebirdConnection& connection, const std::string& path,
                                     std::stop_token stop);

}  // namespace cofre::sources
