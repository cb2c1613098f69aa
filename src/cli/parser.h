#pragma once

// From an argument list to the command that it means.

#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace cofre::cli {

struct ParsedCommand {
  std::string help;  // not empty: to be printed instead of running anything
  std::function<int(Session&)> run;
};

// Fills the targets of `globals` and of the chosen command. `words` are the arguments without the program's name.
// Throws kind usage for what does not fit, with the nearest known word where one was mistyped.
ParsedCommand Parse(const std::vector<Command>& commands, const std::vector<Option>& globals,
                    const std::vector<std::string>& words);

}  // namespace cofre::cli
