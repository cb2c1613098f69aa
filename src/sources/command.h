#pragma once

// Any program's standard output as a dump: what Cofre has no engine for.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sources/source.h"

namespace cofre::sources {

// `command` is the program (looked for in PATH where it has no '/') and its arguments; no shell is involved. The dump
// is whole when the program has ended with exit status 0. A restore is a plain file of what it wrote. `clock` outlives
// the source. Throws kind usage for an empty command.
std::unique_ptr<Source> MakeCommandSource(std::vector<std::string> command, Limits limits, Clock& clock);

}  // namespace cofre::sources
