#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/handed_backup.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "model/validate.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct DatabaseOptions {
  std::string company;
  std::optional<std::string> company_filter;
  std::string year;
  std::optional<std::string> path;
  std::vector<std::string> command;
  std::optional<std::string> method;
  bool yes = false;
};

// Path or command. A file of this machine is kept with its whole path; an alias or a path on a server stays as it is.
void Apply(Session& session, const DatabaseOptions& options, Database& database) {
  if (options.path && !options.command.empty()) {
    throw Error(ErrorKind::kUsage, "a database has a path or a command, not both");
  }
  if (options.path) {
    const Server server = session.catalogue().GetServer(session.catalogue().GetCompany(database.company).server);
    // "CONTAB.FDB" is a file where one lies here, else an alias.
    const std::string& path = *options.path;
    const bool is_file_here = IsFileHere(server, std::filesystem::exists(path) ? AbsolutePath(path) : path);
    database.path = is_file_here ? AbsolutePath(path) : path;
    database.command.clear();
  }
  if (!options.command.empty()) {
    database.command = options.command;
    database.path.clear();
  }
  if (options.method) {
    database.method = ParseDumpMethod(*options.method);
    RequireMethod(session.catalogue().GetServer(session.catalogue().GetCompany(database.company).server),
                  database.method);
  }
}

std::string What(const Database& database) {
  return database.path.empty() ? fmt::format("{}", fmt::join(database.command, " ")) : database.path;
}

void Show(Session& session, const std::string& company, int year) {
  const Database database = session.catalogue().GetDatabase(company, year);
  if (session.json) return session.PrintJson(service::ToJson(database));
  session.Print(FormatFields({
      {"company", database.company},
      {"fiscal year", std::to_string(database.fiscal_year)},
      {database.path.empty() ? "command" : "path", What(database)},
      {"method", std::string(DumpMethodName(database.method))},
      {"average blob",
       database.average_blob_bytes == 0 ? "chosen at the first backup" : HumanBytes(database.average_blob_bytes)},
  }));
}

int RunAdd(Session& session, const DatabaseOptions& options) {
  Database database{.company = ParseCompanyId(options.company), .fiscal_year = ParseFiscalYear(options.year)};
  Apply(session, options, database);
  session.catalogue().AddDatabase(database, session.clock().Now());
  WakeService(session);
  Show(session, database.company, database.fiscal_year);
  return 0;
}

int RunSet(Session& session, const DatabaseOptions& options) {
  Database database = session.catalogue().GetDatabase(ParseCompanyId(options.company), ParseFiscalYear(options.year));
  Apply(session, options, database);
  session.catalogue().UpdateDatabase(database);
  WakeService(session);
  Show(session, database.company, database.fiscal_year);
  return 0;
}

int RunShow(Session& session, const DatabaseOptions& options) {
  Show(session, ParseCompanyId(options.company), ParseFiscalYear(options.year));
  return 0;
}

int RunList(Session& session, const DatabaseOptions& options) {
  const std::string company = options.company_filter ? ParseCompanyId(*options.company_filter) : "";
  if (!company.empty()) (void)session.catalogue().GetCompany(company);
  const auto databases = session.catalogue().ListDatabases({.company = company});
  if (session.json) {
    session.PrintJson(service::ToJson(databases));
    return 0;
  }
  Table table({{"company"}, {"year", Align::kRight}, {"path or command"}});
  for (const Database& database : databases) {
    table.AddRow({database.company, std::to_string(database.fiscal_year), What(database)});
  }
  session.Print(table.Format());
  return 0;
}

int RunRemove(Session& session, const DatabaseOptions& options) {
  const Database database =
      session.catalogue().GetDatabase(ParseCompanyId(options.company), ParseFiscalYear(options.year));
  session.Confirm(options.yes, fmt::format("remove the database {} of company {}; its backups stay in the store",
                                           database.fiscal_year, database.company));
  session.catalogue().RemoveDatabase(database.company, database.fiscal_year, catalogue::Contents::kForget);
  session.Say(fmt::format("database {} {} is removed", database.company, database.fiscal_year));
  return 0;
}

using Handler = int (*)(Session&, const DatabaseOptions&);

Command Make(std::string name, std::string summary, std::vector<Example> examples, Handler handler) {
  auto options = std::make_shared<DatabaseOptions>();
  Command command{
      .name = std::move(name),
      .summary = std::move(summary),
      .details = "",
      .examples = std::move(examples),
      .run = [options, handler](Session& session) { return handler(session, *options); },
  };
  if (handler == RunList) {
    command.arguments = {{"COMPANY", "only its databases", &options->company_filter}};
    return command;
  }
  command.arguments = {{"COMPANY", "tax number", &options->company}, {"YEAR", "fiscal year", &options->year}};
  if (handler == RunAdd || handler == RunSet) {
    command.options = {
        {"--path", "PATH", "path or alias on the server", &options->path},
        {"--method", "METHOD", "logical (gbak, the default), or physical (nbackup): Firebird databases of this machine",
         &options->method}};
    command.arguments.push_back(
        {"COMMAND", "on a server of engine command: the program and its arguments, whose output is the dump",
         &options->command});
  }
  if (handler == RunRemove) command.options = {{"--yes", "", "don't ask", &options->yes}};
  return command;
}

}  // namespace

Command DatabaseCommand() {
  return {
      .name = "database",
      .summary = "Databases: one a company and fiscal year",
      .details = "",
      .children =
          {
              Make("add", "Register a database",
                   {{"cofre database add 900869750 2025 --path /data/CONTAB2025.FDB", ""},
                    {"cofre database add 900869750 2025 --path 'C:\\Contabilidad\\Año 2025\\CONTAB.FDB'",
                     "on a Windows server"},
                    {"cofre database add 900869750 2025 --path /data/CONTAB2025.FDB --method physical",
                     "copied page by page"},
                    {"cofre database add 900869750 2025 -- pg_dump -Fc contab", "the output of a program"}},
                   RunAdd),
              Make("set", "Change where a database is, or how it is read",
                   {{"cofre database set 900869750 2025 --path /new/CONTAB2025.FDB", ""}}, RunSet),
              Make("show", "Show a database", {{"cofre database show 900869750 2025", ""}}, RunShow),
              Make("list", "List the databases",
                   {{"cofre database list", "of all companies"}, {"cofre database list 900869750 --json", ""}},
                   RunList),
              Make("remove", "Remove a database from the catalogue", {{"cofre database remove 900869750 2024", ""}},
                   RunRemove),
          },
  };
}

}  // namespace cofre::cli
