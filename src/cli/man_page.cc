#include "cli/man_page.h"

#include <fmt/format.h>

#include "base/version.h"
#include "cli/exit_code.h"
#include "cli/help.h"

namespace cofre::cli {
namespace {

// Lines that keep their breaks and blanks.
std::string Verbatim(std::string_view text) { return ".nf\n" + EscapeRoff(text) + ".fi\n"; }

void AppendCommand(std::string& out, const Command& command, const std::string& path) {
  if (command.children.empty()) {
    out += ".SS " + EscapeRoff(path) + Verbatim(CommandHelp(command, path, {}));
    return;
  }
  for (const Command& child : command.children) AppendCommand(out, child, path + " " + child.name);
}

}  // namespace

std::string EscapeRoff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char letter : text) {
    if (line_begins && (letter == '.' || letter == '\'')) out += "\\&";
    if (letter == '\\') {
      out += "\\e";
    } else if (letter == '-') {
      out += "\\-";
    } else {
      out += letter;
    }
    line_begins = letter == '\n';
  }
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

std::string ManPage(const std::vector<Command>& commands, const std::vector<Option>& globals) {
  std::string out = fmt::format(".TH COFRE 1 \"\" \"cofre {}\" \"User Commands\"\n", kVersion);
  out +=
      ".SH NAME\n" + EscapeRoff("cofre - back up the databases of many companies, and prove that each can be restored");
  out += ".SH SYNOPSIS\n" + EscapeRoff("cofre [OPTIONS] COMMAND ...");
  out += ".SH DESCRIPTION\n" + Verbatim(ProgramHelp(commands, globals));
  out += ".SH COMMANDS\n";
  for (const Command& command : commands) AppendCommand(out, command, "cofre " + command.name);
  out += ".SH FILES\n";
  out += EscapeRoff("/etc/cofre/cofre.toml: the configuration, each key explained in it.");
  out += ".br\n" + EscapeRoff("/var/lib/cofre: the catalogue and the working files of this machine.");
  out += ".SH ENVIRONMENT\n";
  out += EscapeRoff("COFRE_CONFIG: the configuration, where --config is not given.");
  out +=
      ".br\n" + EscapeRoff(
                    "CREDENTIALS_DIRECTORY: set by systemd; a secret file of the same name in it is read in place of "
                    "the one that the configuration names.");
  out += ".SH SEE ALSO\n" + EscapeRoff("restic(1), gbak, /usr/share/doc/cofre/operations.md");
  return out;
}

}  // namespace cofre::cli
