#pragma once

// SQLite databases: files of this machine.

#include <memory>
#include <string>

#include "base/clock.h"
#include "sources/source.h"

namespace cofre::sources {

// The dump is a database file as of the moment when the dump began, whatever writers do meanwhile. `clock` outlives the
// source.
std::unique_ptr<Source> MakeSqliteSource(std::string path, Limits limits, Clock& clock);

}  // namespace cofre::sources
