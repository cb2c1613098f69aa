#include "cli/application.h"

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/parser.h"
#include "cli/session.h"
#include "cli/signals.h"

namespace cofre::cli {

namespace {

LogFormat ParseLogFormat(const std::optional<std::string>& word) {
  if (!word || *word == "text") return LogFormat::kText;
  if (*word == "json") return LogFormat::kJson;
  throw Error(ErrorKind::kUsage, Quoted(*word) + " is no format of --log", "text or json");
}

}  // namespace

std::vector<Option> GlobalOptions(Session& session) {
  return {
      {"--config", "FILE", "the configuration; else the environment's COFRE_CONFIG, else /etc/cofre/cofre.toml",
       &session.config_option},
      {"--json", "", "print data as JSON", &session.json},
      {"--log", "FORMAT", "events on standard error as text (default) or json, one a line", &session.log_format},
      {"--quiet", "", "no progress and no remarks on standard error; errors only", &session.quiet},
  };
}

int RunApplication(int argument_count, char** arguments) {
  try {
    Session session(SystemClock(), InstallSignals());
    std::vector<std::string> words(arguments + 1, arguments + argument_count);
    if (words == std::vector<std::string>{"--version"}) words = {"version"};  // as one asks any program
    const std::vector<Command> commands = AllCommands();
    const ParsedCommand parsed = Parse(commands, GlobalOptions(session), words);
    SetLogFormat(ParseLogFormat(session.log_format));
    if (!parsed.help.empty()) {
      session.Print(parsed.help);
      return kExitOk;
    }
    return parsed.run(session);
  } catch (const Error& error) {
    Session::Complain(error.what(), error.hint());
    return ExitCodeOf(error.kind());
  } catch (const std::exception& error) {
    Session::Complain(std::string("unexpected: ") + error.what(), "this is a bug of Cofre: please report it");
    return kExitPermanent;
  }
}

}  // namespace cofre::cli
