#include "cli/completion.h"

#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"

namespace cofre::cli {
namespace {

// One place in the tree of commands: what may follow there.
struct Node {
  std::string path;  // "cofre company"
  const std::vector<Command>* children = nullptr;
  const std::vector<Option>* options = nullptr;
};

void Collect(const std::string& path, const Command& command, std::vector<Node>& nodes) {
  nodes.push_back({path, &command.children, &command.options});
  for (const Command& child : command.children) Collect(path + " " + child.name, child, nodes);
}

std::vector<Node> Collect(const std::vector<Command>& commands) {
  static const std::vector<Option> none;
  std::vector<Node> nodes{{"cofre", &commands, &none}};
  for (const Command& command : commands) Collect("cofre " + command.name, command, nodes);
  return nodes;
}

// "'" can't stand in a quoted word of fish and zsh as it is.
std::string Quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("’") : std::string(1, c);
  return out + "'";
}

std::string BashScript(const std::vector<Node>& nodes, const std::vector<Option>& globals) {
  std::string cases;
  for (const Node& node : nodes) {
    std::string words;
    for (const Command& child : *node.children) words += child.name + " ";
    for (const Option& option : *node.options) words += option.name + " ";
    for (const Option& option : globals) words += option.name + " ";
    cases += fmt::format("    '{}') words='{}--help' ;;\n", node.path, words);
  }
  std::string valued;
  for (const Node& node : nodes) {
    for (const Option& option : *node.options) {
      if (!option.value.empty()) valued += "|" + option.name;
    }
  }
  // The path grows by each word that leads further into the tree; option values and arguments are passed over.
  return fmt::format(R"~~(# bash completion for cofre: source <(cofre completion bash)
_cofre_words() {{
  local words=''
  case "$1" in
{cases}    *) return 1 ;;
  esac
  printf '%s' "$words"
}}
_cofre() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" path='cofre' word i
  case "$previous" in
    --config{valued}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    if _cofre_words "$path $word" >/dev/null; then path="$path $word"; fi
  done
  COMPREPLY=($(compgen -W "$(_cofre_words "$path")" -- "$current"))
  if [ "${{#COMPREPLY[@]}}" -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}}
complete -o filenames -F _cofre cofre
)~~",
                     fmt::arg("cases", cases), fmt::arg("valued", valued));
}

std::string ZshScript(const std::vector<Node>& nodes, const std::vector<Option>& globals) {
  std::string cases;
  const auto add = [&](std::string_view name, std::string_view help) {
    std::string escaped;
    for (const char c : name) escaped += c == ':' ? "\\:" : std::string(1, c);
    cases += "      " + Quote(escaped + ":" + std::string(help)) + "\n";
  };
  for (const Node& node : nodes) {
    cases += fmt::format("    '{}') words_here=(\n", node.path);
    for (const Command& child : *node.children) add(child.name, child.summary);
    for (const Option& option : *node.options) add(option.name, option.help);
    for (const Option& option : globals) add(option.name, option.help);
    cases += "      ) ;;\n";
  }
  return fmt::format(R"~~(#compdef cofre
# zsh completion for cofre: cofre completion zsh > "${{fpath[1]}}/_cofre"
_cofre_words() {{
  case "$1" in
{cases}    *) return 1 ;;
  esac
}}
_cofre() {{
  local -a words_here
  local path_here='cofre' word
  for word in "${{(@)words[2,CURRENT-1]}}"; do
    if _cofre_words "$path_here $word"; then path_here="$path_here $word"; fi
  done
  _cofre_words "$path_here"
  _describe 'cofre' words_here || _files
}}
compdef _cofre cofre
)~~",
                     fmt::arg("cases", cases));
}

std::string FishScript(const std::vector<Command>& commands, const std::vector<Option>& globals) {
  std::string out = "# fish completion for cofre: cofre completion fish > ~/.config/fish/completions/cofre.fish\n";
  const auto add_options = [&](const std::string& condition, const std::vector<Option>& options) {
    for (const Option& option : options) {
      out += fmt::format("complete -c cofre{} -l {}{} -d {}\n", condition, option.name.substr(2),
                         option.value.empty() ? "" : " -r", Quote(option.help));
    }
  };
  add_options("", globals);
  std::string tops;
  for (const Command& command : commands) tops += command.name + " ";
  for (const Command& command : commands) {
    out += fmt::format("complete -c cofre -f -n 'not __fish_seen_subcommand_from {}' -a {} -d {}\n", tops, command.name,
                       Quote(command.summary));
    add_options(fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name), command.options);
    std::string children;
    for (const Command& child : command.children) children += child.name + " ";
    for (const Command& child : command.children) {
      const std::string inside = fmt::format("__fish_seen_subcommand_from {}", command.name);
      out += fmt::format("complete -c cofre -f -n '{}; and not __fish_seen_subcommand_from {}' -a {} -d {}\n", inside,
                         children, child.name, Quote(child.summary));
      add_options(fmt::format(" -n '{}; and __fish_seen_subcommand_from {}'", inside, child.name), child.options);
    }
  }
  return out;
}

}  // namespace

std::string CompletionScript(std::string_view shell, const std::vector<Command>& commands,
                             const std::vector<Option>& globals) {
  if (shell == "bash") return BashScript(Collect(commands), globals);
  if (shell == "zsh") return ZshScript(Collect(commands), globals);
  if (shell == "fish") return FishScript(commands, globals);
  throw Error(ErrorKind::kUsage, "there is no completion for " + Quoted(shell), "known are: bash, zsh, fish");
}

Command CompletionCommand() {
  auto shell = std::make_shared<std::string>();
  return {
      .name = "completion",
      .summary = "Print a completion script for a shell",
      .details = "",
      .examples = {{"source <(cofre completion bash)", "for this shell"},
                   {"cofre completion bash > /etc/bash_completion.d/cofre", "for everybody"},
                   {"cofre completion fish > ~/.config/fish/completions/cofre.fish", ""}},
      .arguments = {{"SHELL", "bash, zsh or fish", shell.get()}},
      .run =
          [shell](Session& session) {
            session.Print(CompletionScript(*shell, AllCommands(), GlobalOptions(session)));
            return 0;
          },
  };
}

}  // namespace cofre::cli
