#pragma once

// Help pages, made from the commands.

#include <string>
#include <vector>

#include "cli/command.h"

namespace cofre::cli {

// "cofre backup [OPTIONS] COMPANY".
std::string UsageLine(const Command& command, const std::string& path);

// The page of one command; `path` is how it is called, as in "cofre company add".
std::string CommandHelp(const Command& command, const std::string& path, const std::vector<Option>& globals);

// The page of the program.
std::string ProgramHelp(const std::vector<Command>& commands, const std::vector<Option>& globals);

// Everything as one Markdown page: docs/cli.md.
std::string Manual(const std::vector<Command>& commands, const std::vector<Option>& globals);

}  // namespace cofre::cli
