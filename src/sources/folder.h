#pragma once

// A folder of this machine with all that is in it: attachments, certificates, whatever are files.

#include <memory>
#include <string>

#include "base/clock.h"
#include "sources/source.h"

namespace cofre::sources {

// `path` is absolute. Its backups are folders: DumpFolder and RestoreFolder are what to call. `clock` outlives the
// source.
std::unique_ptr<Source> MakeFolderSource(std::string path, Limits limits, Clock& clock);

}  // namespace cofre::sources
