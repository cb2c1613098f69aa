#pragma once

// What Firebird's tools say when something is wrong, and what it means. Their exit status alone does not tell.

#include <string>
#include <string_view>

#include "base/error.h"

namespace cofre::sources {

// The error lines of gbak ("gbak: ERROR:..."), without their prefixes, joined by "; "; empty where there are none.
// Its other lines report progress.
std::string GbakErrors(std::string_view said);

// The same for isql and gfix, whose standard error holds nothing but errors.
std::string ToolErrors(std::string_view said);

// The error for such a text about `database`. Messages come from the server, which may speak the language of its
// operating system in a code page of its own: what is kept of them is valid UTF-8.
Error FirebirdError(std::string_view errors, std::string_view database);

}  // namespace cofre::sources
