#pragma once

// Which databases of a server a source removes.

#include <string>

namespace cofre::sources {

// Throws kind usage for a name that does not begin with kScratchPrefix (source.h).
void RequireScratchName(const std::string& name);

}  // namespace cofre::sources
