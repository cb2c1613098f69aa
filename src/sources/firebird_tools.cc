#include "sources/firebird_tools.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sources/firebird_errors.h"

namespace cofre::sources {
namespace {

// A look at a database; a server that does not answer within this is unreachable.
constexpr io::ProcessLimits kQueryLimits{std::chrono::seconds(60), std::chrono::seconds(120)};

}  // namespace

std::string FirebirdConnection::AddressOf(const std::string& path) const {
  return FirebirdAddress(settings().server.host, settings().server.port, path);
}

io::Command FirebirdConnection::CommandFor(std::vector<std::string> arguments) const {
  io::Command command{std::move(arguments)};
  // Firebird takes its arguments to be in the locale's character set, and refuses an ñ in the plain C locale, where
  // services run. From UTF-8 a server (since 2.5) translates paths into its own code page by itself.
  command.environment.emplace_back("LC_ALL", Secret("C.UTF-8"));
  // The embedded engine trusts whoever may open the file, and knows him as the user that is named here.
  std::string user = settings().server.user;
  if (user.empty() && embedded()) user = "SYSDBA";
  if (!user.empty()) command.environment.emplace_back("ISC_USER", std::move(user));
  if (!settings().password.empty()) command.environment.emplace_back("ISC_PASSWORD", settings().password);
  return command;
}

std::string FirebirdConnection::Query(const std::string& address, std::string_view sql, std::stop_token stop) const {
  const io::Command command = CommandFor({settings().tools.isql, "-q", "-bail", address});
  const io::ProcessEnd end = io::RunProgram(command, sql, kQueryLimits, clock(), std::move(stop));
  const std::string errors = ToolErrors(end.errors);
  if (!errors.empty()) throw FirebirdError(errors, address);
  if (!end.ok()) throw Error(ErrorKind::kPermanent, address + ": isql ended with " + end.Describe());
  return end.output;
}

void FirebirdConnection::Validate(const std::string& address, std::stop_token stop) const {
  const io::Command command = CommandFor({settings().tools.gfix, "-v", "-full", address});
  const io::ProcessLimits limits{settings().limits.restore, settings().limits.restore};
  const io::ProcessEnd end = io::RunProgram(command, "", limits, clock(), std::move(stop));
  // A sound database makes it say nothing at all.
  const std::string said = ToolErrors(end.output + end.errors);
  if (end.ok() && said.empty()) return;
  throw Error(ErrorKind::kCorrupt,
              address + " does not pass gfix -v -full: " + (said.empty() ? end.Describe() : ToValidUtf8(said, 400)),
              "restore another backup");
}

std::string ListValue(std::string_view printed, std::string_view column) {
  while (!printed.empty()) {
    const size_t end = std::min(printed.find('\n'), printed.size());
    const std::string_view line = printed.substr(0, end);
    printed.remove_prefix(std::min(end + 1, printed.size()));
    if (line.starts_with(column) && line.substr(column.size()).starts_with(' ')) {
      return std::string(Trimmed(line.substr(column.size())));
    }
  }
  return "";
}

}  // namespace cofre::sources
