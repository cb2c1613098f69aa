#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "service/discovery.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct ServerOptions {
  std::string name;
  std::optional<std::string> engine;
  std::optional<std::string> host;
  std::optional<std::string> port;
  std::optional<std::string> user;
  std::optional<std::string> password_file;
  std::optional<std::string> max_concurrent;
  bool yes = false;
};

void Apply(const ServerOptions& options, Server& server) {
  if (options.engine) server.engine = ParseEngine(*options.engine);
  if (options.host) server.host = *options.host;
  if (options.port) server.port = static_cast<uint16_t>(ParseNumber(*options.port, "the port", 0, 65535));
  if (options.user) server.user = *options.user;
  if (options.password_file) server.password_file = AbsolutePath(*options.password_file);
  if (options.max_concurrent) {
    server.max_concurrent = static_cast<uint32_t>(ParseNumber(*options.max_concurrent, "--max-concurrent", 1, 1000));
  }
}

std::string Where(const Server& server) {
  if (server.host.empty()) return "this machine";
  return server.port == 0 ? server.host : fmt::format("{}:{}", server.host, server.port);
}

void Show(Session& session, const Server& server) {
  if (session.json) return session.PrintJson(service::ToJson(server));
  session.Print(FormatFields({{"server", server.name},
                              {"engine", std::string(EngineName(server.engine))},
                              {"host", Where(server)},
                              {"user", server.user},
                              {"password file", server.password_file},
                              {"backups at once", std::to_string(server.max_concurrent)}}));
}

int RunAdd(Session& session, const ServerOptions& options) {
  Server server{.name = ParseServerName(options.name)};
  Apply(options, server);
  session.catalogue().AddServer(server);
  Show(session, server);
  return 0;
}

int RunSet(Session& session, const ServerOptions& options) {
  Server server = session.catalogue().GetServer(ParseServerName(options.name));
  Apply(options, server);
  session.catalogue().UpdateServer(server);
  Show(session, server);
  return 0;
}

int RunShow(Session& session, const ServerOptions& options) {
  Show(session, session.catalogue().GetServer(ParseServerName(options.name)));
  return 0;
}

int RunList(Session& session) {
  const std::vector<Server> servers = session.catalogue().ListServers();
  if (session.json) {
    session.PrintJson(service::ToJson(servers));
    return 0;
  }
  Table table({{"server"}, {"engine"}, {"host"}, {"user"}, {"at once", Align::kRight}});
  for (const Server& server : servers) {
    table.AddRow({server.name, std::string(EngineName(server.engine)), Where(server), server.user,
                  std::to_string(server.max_concurrent)});
  }
  session.Print(table.Format());
  return 0;
}

int RunRemove(Session& session, const ServerOptions& options) {
  const Server server = session.catalogue().GetServer(ParseServerName(options.name));
  session.Confirm(options.yes, "remove server " + server.name);
  session.catalogue().RemoveServer(server.name);
  session.Say("server " + server.name + " is removed");
  return 0;
}

void ShowDiscovery(Session& session, const std::string& server, const service::DiscoveryReport& report) {
  service::Json json = service::Json::array();
  Table table({{"company"}, {"year", Align::kRight}, {"state"}, {"path"}});
  const auto add = [&](const std::string& company, int year, const char* state, const char* key,
                       const std::string& path) {
    json.push_back(
        {{"servidor", server}, {"empresa", company}, {"anio_fiscal", year}, {"estado", key}, {"base", path}});
    table.AddRow({company, std::to_string(year), state, path});
  };
  for (const auto& one : report.added) add(one.company, one.fiscal_year, "new", "nueva", one.path);
  for (const auto& one : report.returned) add(one.company, one.fiscal_year, "back", "volvio", one.path);
  for (const auto& one : report.vanished) add(one.company, one.fiscal_year, "vanished", "desaparecida", one.path);
  if (session.json) return session.PrintJson(json);
  session.Print(table.Format());
}

int RunDiscover(Session& session, const ServerOptions& options) {
  const std::string name = ParseServerName(options.name);
  (void)session.catalogue().GetServer(name);
  for (const service::DiscoveryConfig& how : session.config().service.discovery) {
    if (how.server != name) continue;
    const service::DiscoveryReport report = service::Discover(session.wiring(), how, {}, session.stop());
    ShowDiscovery(session, name, report);
    for (const std::string& remark : report.remarks) session.Say(remark);
    return 0;
  }
  throw Error(ErrorKind::kNotFound, "the configuration says no way to find the databases of " + name,
              "write a [[descubrimiento]] with servidor = \"" + name + "\": docs/configuration.md");
}

using Handler = int (*)(Session&, const ServerOptions&);

Command Make(std::string name, std::string summary, std::vector<Example> examples, Handler handler, bool changes) {
  auto options = std::make_shared<ServerOptions>();
  Command command{
      .name = std::move(name),
      .summary = std::move(summary),
      .details = "",
      .examples = std::move(examples),
      .arguments = {{"NAME", "small letters, digits and '-'", &options->name}},
      .run = [options, handler](Session& session) { return handler(session, *options); },
  };
  if (changes) {
    command.options = {
        {"--engine", "ENGINE", "firebird (default), postgresql, mariadb, sqlite, folder or command", &options->engine},
        {"--host", "HOST", "name or address; empty: this machine, without a network", &options->host},
        {"--port", "PORT", "empty or 0: the engine's own", &options->port},
        {"--user", "USER", "who signs in", &options->user},
        {"--password-file", "FILE", "holds the password alone, mode 0600; never given as an argument",
         &options->password_file},
        {"--max-concurrent", "N", "backups at once (4)", &options->max_concurrent},
    };
  }
  if (handler == RunRemove) command.options = {{"--yes", "", "don't ask", &options->yes}};
  return command;
}

}  // namespace

Command ServerCommand() {
  return {
      .name = "server",
      .summary = "Database servers: where databases live and how to sign in",
      .details = "",
      .children =
          {
              Make("add", "Register a server",
                   {{"cofre server add local", "Firebird's embedded engine on this machine"},
                    {"cofre server add srv1 --host 10.0.0.5 --user SYSDBA --password-file /etc/cofre/srv1.password",
                     "over the network"},
                    {"cofre server add pg1 --engine postgresql --host 10.0.0.6 --user backup --password-file "
                     "/etc/cofre/pg1.password",
                     "databases are registered by their names"},
                    {"cofre server add adjuntos --engine folder",
                     "folders of files of this machine, in place of databases"}},
                   RunAdd, true),
              Make("set", "Change a server; what is not named stays",
                   {{"cofre server set srv1 --max-concurrent 2", ""}}, RunSet, true),
              Make("show", "Show a server", {{"cofre server show srv1", ""}}, RunShow, false),
              {.name = "list",
               .summary = "List the servers",
               .details = "",
               .examples = {{"cofre server list --json", ""}},
               .run = RunList},
              Make("discover", "Register the databases that are new on a server, mark those that are gone",
                   {{"cofre server discover srv1", "as its [[descubrimiento]] says; nothing is deleted"}}, RunDiscover,
                   false),
              Make("remove", "Remove a server that no company uses", {{"cofre server remove srv1", ""}}, RunRemove,
                   false),
          },
  };
}

}  // namespace cofre::cli
