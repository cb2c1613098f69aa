#include "cli/parser.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"
#include "cli/help.h"

namespace cofre::cli {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

void AddOption(CLI::App& app, const Option& option) {
  CLI::Option* added =
      std::visit(Overloaded{
                     [&](bool* flag) { return app.add_flag_function(option.name, [flag](int64_t) { *flag = true; }); },
                     [&](auto* value) {
                       return app.add_option_function<std::string>(option.name, [value](const std::string& text) {
                         if constexpr (std::is_same_v<decltype(value), std::vector<std::string>*>) {
                           value->push_back(text);
                         } else {
                           *value = text;
                         }
                       });
                     },
                 },
                 option.target);
  added->required(option.required);
}

void AddArgument(CLI::App& app, const Argument& argument) {
  std::visit(Overloaded{
                 [&](bool*) { throw std::logic_error("an argument can't be a flag"); },
                 [&](std::vector<std::string>* values) {
                   app.add_option_function<std::vector<std::string>>(
                       argument.name, [values](const std::vector<std::string>& rest) { *values = rest; });
                 },
                 [&](auto* value) {
                   app.add_option_function<std::string>(argument.name,
                                                        [value](const std::string& text) { *value = text; })
                       ->required(std::is_same_v<decltype(value), std::string*>);
                 },
             },
             argument.target);
}

struct Chosen {
  const Command* command = nullptr;
  std::string path = "cofre";
};

// The deepest command that the words name.
Chosen Follow(const CLI::App& app, const std::vector<Command>& commands) {
  Chosen chosen;
  const CLI::App* at = &app;
  const std::vector<Command>* known = &commands;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    const auto found =
        std::find_if(known->begin(), known->end(), [&](const Command& one) { return one.name == at->get_name(); });
    if (found == known->end()) break;
    chosen.command = &*found;
    chosen.path += " " + found->name;
    known = &found->children;
  }
  return chosen;
}

void AddCommand(CLI::App& parent, const Command& command) {
  CLI::App* app = parent.add_subcommand(command.name);
  app->fallthrough();
  for (const Argument& argument : command.arguments) AddArgument(*app, argument);
  for (const Option& option : command.options) AddOption(*app, option);
  for (const Command& child : command.children) AddCommand(*app, child);
}

std::vector<std::string_view> NamesOf(const std::vector<Command>& commands) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

[[noreturn]] void RefuseWord(const std::string& word, const Chosen& chosen, const std::vector<Command>& commands,
                             const std::vector<Option>& globals) {
  const std::string help = fmt::format("{} --help", chosen.path);
  std::vector<std::string_view> known;
  if (word.starts_with("-")) {
    for (const Option& option : globals) known.push_back(option.name);
    if (chosen.command != nullptr) {
      for (const Option& option : chosen.command->options) known.push_back(option.name);
    }
    const std::string name = word.substr(0, word.find('='));
    const std::string_view nearest = NearestWord(name, known);
    throw Error(ErrorKind::kUsage, fmt::format("{} has no option {}", chosen.path, Quoted(name)),
                nearest.empty() ? help : fmt::format("did you mean {}? See {}", nearest, help));
  }
  const bool is_group = chosen.command == nullptr || !chosen.command->children.empty();
  if (!is_group) throw Error(ErrorKind::kUsage, fmt::format("{} was not expected", Quoted(word)), help);
  known = NamesOf(chosen.command == nullptr ? commands : chosen.command->children);
  throw Error(ErrorKind::kUsage, fmt::format("{} has no command {}", chosen.path, Quoted(word)),
              fmt::format("{}; see {}", Suggestion(word, known), help));
}

}  // namespace

ParsedCommand Parse(const std::vector<Command>& commands, const std::vector<Option>& globals,
                    const std::vector<std::string>& words) {
  CLI::App app;
  for (const Option& option : globals) AddOption(app, option);
  for (const Command& command : commands) AddCommand(app, command);
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    const Chosen chosen = Follow(app, commands);
    if (chosen.command == nullptr) return {ProgramHelp(commands, globals), nullptr};
    return {CommandHelp(*chosen.command, chosen.path, globals), nullptr};
  } catch (const CLI::ExtrasError&) {
    RefuseWord(app.remaining(true).front(), Follow(app, commands), commands, globals);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::kUsage, error.what(), fmt::format("{} --help", Follow(app, commands).path));
  }
  const Chosen chosen = Follow(app, commands);
  if (chosen.command == nullptr) return {ProgramHelp(commands, globals), nullptr};
  if (!chosen.command->run) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} needs one of: {}", chosen.path, fmt::join(NamesOf(chosen.command->children), ", ")),
                fmt::format("{} --help", chosen.path));
  }
  return {"", chosen.command->run};
}

}  // namespace cofre::cli
