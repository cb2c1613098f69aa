#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/exit_code.h"
#include "cli/table.h"

namespace cofre::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

bool IsOptional(const Argument& argument) {
  return std::holds_alternative<std::optional<std::string>*>(argument.target);
}
bool IsRest(const Argument& argument) { return std::holds_alternative<std::vector<std::string>*>(argument.target); }

std::string OptionHead(const Option& option) {
  return option.value.empty() ? option.name : option.name + " " + option.value;
}

Lines OptionLines(const std::vector<Option>& options) {
  Lines lines;
  for (const Option& option : options) {
    lines.emplace_back(OptionHead(option), option.help + (option.required ? " (required)" : ""));
  }
  return lines;
}

Lines ArgumentLines(const std::vector<Argument>& arguments) {
  Lines lines;
  for (const Argument& argument : arguments) lines.emplace_back(argument.name, argument.help);
  return lines;
}

Lines CommandLines(const std::vector<Command>& commands) {
  Lines lines;
  for (const Command& command : commands) lines.emplace_back(command.name, command.summary);
  return lines;
}

Lines ExampleLines(const std::vector<Example>& examples) {
  Lines lines;
  for (const Example& example : examples) lines.emplace_back(example.line, example.what);
  return lines;
}

// "Title:" and its lines, the second halves below each other; a first half that is too long has a line of its own.
std::string Section(const std::string& title, const Lines& lines) {
  static constexpr size_t kWidest = 44;
  if (lines.empty()) return "";
  size_t width = 0;
  for (const auto& [head, text] : lines) {
    if (DisplayWidth(head) <= kWidest) width = std::max(width, DisplayWidth(head));
  }
  std::string out = "\n" + title + ":\n";
  for (const auto& [head, text] : lines) {
    if (text.empty()) {
      out += fmt::format("  {}\n", head);
    } else if (DisplayWidth(head) > width) {
      out += fmt::format("  {}\n  {}  {}\n", head, std::string(width, ' '), text);
    } else {
      out += fmt::format("  {}{}  {}\n", head, std::string(width - DisplayWidth(head), ' '), text);
    }
  }
  return out;
}

void AppendManual(std::string& out, const Command& command, const std::string& path,
                  const std::vector<Option>& globals) {
  if (command.children.empty()) {
    out += fmt::format("\n### {}\n\n```\n{}```\n", path, CommandHelp(command, path, {}));
    return;
  }
  for (const Command& child : command.children) AppendManual(out, child, path + " " + child.name, globals);
}

}  // namespace

std::string UsageLine(const Command& command, const std::string& path) {
  std::string line = path;
  if (!command.children.empty()) return line + " COMMAND ...";
  for (const Option& option : command.options) {
    if (option.required) line += " " + OptionHead(option);
  }
  if (std::any_of(command.options.begin(), command.options.end(), [](const Option& one) { return !one.required; })) {
    line += " [OPTIONS]";
  }
  for (const Argument& argument : command.arguments) {
    if (IsRest(argument)) {
      line += fmt::format(" [-- {}...]", argument.name);
    } else {
      line += IsOptional(argument) ? fmt::format(" [{}]", argument.name) : " " + argument.name;
    }
  }
  return line;
}

std::string CommandHelp(const Command& command, const std::string& path, const std::vector<Option>& globals) {
  std::string out = fmt::format("{}\n\nUsage: {}\n", command.summary, UsageLine(command, path));
  if (!command.details.empty()) out += "\n" + command.details + "\n";
  out += Section("Commands", CommandLines(command.children));
  out += Section("Arguments", ArgumentLines(command.arguments));
  out += Section("Options", OptionLines(command.options));
  out += Section("Options of every command", OptionLines(globals));
  out += Section("Examples", ExampleLines(command.examples));
  return out;
}

std::string ProgramHelp(const std::vector<Command>& commands, const std::vector<Option>& globals) {
  std::string out =
      "Cofre backs up the databases of many companies to S3 or a folder, deduplicated and encrypted, in restic's "
      "format.\n"
      "\nUsage: cofre [OPTIONS] COMMAND ...\n";
  out += Section("Commands", CommandLines(commands));
  out += Section("Options of every command", OptionLines(globals));
  out += Section("Examples", {{"cofre init --dir /srv/cofre", "make a vault in a folder"},
                              {"cofre backup 900869750", "back up all years of a company"},
                              {"cofre backup --help", "more about one command"}});
  return out + "\n" + ExitCodeHelp();
}

std::string Manual(const std::vector<Command>& commands, const std::vector<Option>& globals) {
  std::string out =
      "# Commands\n\n"
      "Made by `cofre manual`, from what the program itself parses.\n\n"
      "## Overview\n\n"
      "```\n" +
      ProgramHelp(commands, globals) +
      "```\n\n"
      "Errors go to standard error as one line, `cofre: what was wrong`, and mostly a second, `  hint: what to do`. "
      "Data\n"
      "goes to standard output, with `--json` as JSON whose keys are the configuration's Spanish words: sizes in "
      "bytes,\n"
      "times in UTC (RFC 3339). Progress is shown on standard error.\n\n"
      "## Each command\n";
  for (const Command& command : commands) AppendManual(out, command, "cofre " + command.name, globals);
  return out;
}

}  // namespace cofre::cli
