#pragma once

// Shell completion scripts, made from the commands.

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace cofre::cli {

// `shell` is bash, zsh or fish; throws kind usage for others.
std::string CompletionScript(std::string_view shell, const std::vector<Command>& commands,
                             const std::vector<Option>& globals);

}  // namespace cofre::cli
