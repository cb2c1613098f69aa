#pragma once

// cofre(1) in the language of man(7), made from the commands as the help pages are.

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace cofre::cli {

std::string ManPage(const std::vector<Command>& commands, const std::vector<Option>& globals);

// `text` so that man(7) shows it as it is: backslashes, hyphens, and lines that begin like a request. Ends with a line
// end.
std::string EscapeRoff(std::string_view text);

}  // namespace cofre::cli
