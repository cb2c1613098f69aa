#include "sources/mariadb_tools.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sources/mariadb_errors.h"

namespace cofre::sources {
namespace {

// A look at a database; a server that does not answer within this is unreachable.
constexpr io::ProcessLimits kQueryLimits{std::chrono::seconds(60), std::chrono::seconds(120)};
constexpr size_t kLongestName = 64;  // characters

bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }
bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

io::Command MariadbConnection::CommandFor(const std::string& tool, const std::vector<std::string>& arguments) const {
  const Server& server = settings().server;
  const std::string& file = settings().tools.options_file;
  // Which options count is said first. Those of this machine's files would make other dumps, or go on after errors.
  io::Command command{{tool, file.empty() ? "--no-defaults" : "--defaults-file=" + file}};
  const auto add = [&](std::string argument) { command.arguments.push_back(std::move(argument)); };
  if (!server.host.empty()) {
    add("--protocol=tcp");  // "localhost" is a socket to them
    add("--host=" + server.host);
  }
  if (server.port != 0) add(fmt::format("--port={}", server.port));
  if (!server.user.empty()) add("--user=" + server.user);
  // Whatever its own locale: names come and go in UTF-8.
  add("--default-character-set=utf8mb4");
  // It is taken as needed; a smaller one refuses long rows.
  add("--max-allowed-packet=1G");
  for (const std::string& argument : arguments) add(argument);
  if (!settings().password.empty()) command.environment.emplace_back("MYSQL_PWD", settings().password);
  return command;
}

io::Command MariadbConnection::ClientFor(const std::string& database, const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = {"--batch",          "--skip-force",         "--binary-mode",   "--loose-sandbox",
                                  "--skip-reconnect", "--connect-timeout=30", "--local-infile=0"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  if (!database.empty()) all.insert(all.end(), {"--", database});
  return CommandFor(settings().tools.mariadb, all);
}

std::string MariadbConnection::Query(const std::string& database, std::string_view sql, std::stop_token stop) const {
  const io::Command command = ClientFor(database, {"--skip-column-names", "--raw"});
  const io::ProcessEnd end = io::RunProgram(command, sql, kQueryLimits, clock(), std::move(stop));
  if (!end.ok()) throw MariadbError(end, "mariadb", database.empty() ? settings().server.name : database);
  return end.output;
}

void RequireMariadbName(const std::string& name) {
  const bool fits = static_cast<size_t>(std::ranges::count_if(name, BeginsCharacter)) <= kLongestName;
  if (!name.empty() && fits && name.back() != ' ' && std::ranges::none_of(name, IsControl) && IsValidUtf8(name)) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is not the name of a MariaDB database", Quoted(name)),
              fmt::format("give its name, in UTF-8: 1 to {} characters", kLongestName));
}

std::string MariadbIdentifier(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + "`";
}

std::string MariadbText(std::string_view text) { return fmt::format("_utf8mb4 X'{}'", HexEncode(AsBytes(text))); }

}  // namespace cofre::sources
