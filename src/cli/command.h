#pragma once

// What a command is, as a value: parser (parser.cc), help, manual (manual.h) and shell completion (completion.h) are
// all made from it, so that they can't disagree.

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cofre::cli {

class Session;

// Where a parsed value goes. A std::optional stays empty where the option was not given.
using Target = std::variant<bool*, std::string*, std::optional<std::string>*, std::vector<std::string>*>;

// "--year YEAR". A bool* makes a flag, without a value.
struct Option {
  std::string name;   // "--year"
  std::string value;  // "YEAR"; empty for a flag
  std::string help;
  Target target;
  bool required = false;
};

// What stands without a name, in order. A std::vector takes all the rest (none is fine), a std::optional may be absent.
struct Argument {
  std::string name;  // "COMPANY"
  std::string help;
  Target target;
};

struct Example {
  std::string line;  // "cofre backup 900869750"
  std::string what;  // "all its years"
};

struct Command {
  std::string name;
  std::string summary;                 // one line, without a full stop
  std::string details;                 // more lines for its own help page; may be empty
  std::vector<Example> examples = {};  // every command that runs has some
  std::vector<Argument> arguments = {};
  std::vector<Option> options = {};
  std::vector<Command> children = {};          // either these
  std::function<int(Session&)> run = nullptr;  // or this; returns the exit code (exit_code.h)
};

// All of them.
std::vector<Command> AllCommands();

// Options that every command takes, bound to `session`.
std::vector<Option> GlobalOptions(Session& session);

}  // namespace cofre::cli
