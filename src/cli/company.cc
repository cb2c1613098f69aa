#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/handed_backup.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "engine/purge_job.h"
#include "planner/local_time.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct CompanyOptions {
  std::string id;
  std::optional<std::string> name;
  std::optional<std::string> server;
  std::optional<std::string> enabled;
  std::optional<std::string> backup_time;
  std::optional<std::string> space_limit;
  std::optional<std::string> time_zone;
  bool purge = false;
  bool yes = false;
};

void Apply(const CompanyOptions& options, Company& company) {
  if (options.name) company.name = std::string(Trimmed(*options.name));
  if (options.server) company.server = ParseServerName(*options.server);
  if (options.enabled) company.enabled = ParseYesNo(*options.enabled);
  if (options.backup_time) company.backup_time = ParseBackupTime(*options.backup_time);
  if (options.space_limit) company.space_limit_bytes = ParseSpaceLimit(*options.space_limit);
  if (options.time_zone) {
    company.time_zone = options.time_zone->empty() ? "" : planner::TimeZone::Find(*options.time_zone).name();
  }
}

void Show(Session& session, const std::string& id) {
  catalogue::Catalogue& catalogue = session.catalogue();
  const Company company = catalogue.GetCompany(id);
  const auto databases = catalogue.ListDatabases({.company = id});
  const auto backups = catalogue.ListBackups({.company = id});
  if (session.json) {
    service::Json json = service::ToJson(company);
    json["bases"] = service::ToJson(databases);
    json["respaldos"] = backups.size();
    return session.PrintJson(json);
  }
  std::string years;
  for (const Database& database : databases) {
    years += fmt::format("{}{}", years.empty() ? "" : ", ", database.fiscal_year);
  }
  session.Print(FormatFields({{"company", company.id},
                              {"name", company.name},
                              {"server", company.server},
                              {"automatic backups", company.enabled ? "on" : "off"},
                              {"backup time", FormatBackupTime(company.backup_time)},
                              {"time zone", company.time_zone.empty() ? session.config().time_zone : company.time_zone},
                              {"space limit", HumanBytes(company.space_limit_bytes)},
                              {"repository", company.repository},
                              {"databases", years},
                              {"backups", std::to_string(backups.size())}}));
}

int RunAdd(Session& session, const CompanyOptions& options) {
  const service::CompanyDefaults& defaults = session.config().company;
  Company company{.id = ParseCompanyId(options.id),
                  .backup_time = defaults.backup_time,
                  .space_limit_bytes = defaults.space_limit_bytes};
  Apply(options, company);
  if (!options.name) company.name = company.id;
  session.catalogue().AddCompany(company);
  Show(session, company.id);
  return 0;
}

int RunSet(Session& session, const CompanyOptions& options) {
  Company company = session.catalogue().GetCompany(ParseCompanyId(options.id));
  Apply(options, company);
  session.catalogue().UpdateCompany(company);
  WakeService(session);
  Show(session, company.id);
  return 0;
}

int RunShow(Session& session, const CompanyOptions& options) {
  Show(session, ParseCompanyId(options.id));
  return 0;
}

int RunList(Session& session, const CompanyOptions& options) {
  const std::string server = options.server ? ParseServerName(*options.server) : "";
  if (!server.empty()) (void)session.catalogue().GetServer(server);
  const auto companies = session.catalogue().ListCompanies({.server = server});
  if (session.json) {
    session.PrintJson(service::ToJson(companies));
    return 0;
  }
  Table table({{"company"}, {"name"}, {"server"}, {"time"}, {"automatic"}, {"space limit", Align::kRight}});
  for (const Company& company : companies) {
    table.AddRow({company.id, company.name, company.server, FormatBackupTime(company.backup_time),
                  company.enabled ? "on" : "off", HumanBytes(company.space_limit_bytes)});
  }
  session.Print(table.Format());
  return 0;
}

int RunRemove(Session& session, const CompanyOptions& options) {
  catalogue::Catalogue& catalogue = session.catalogue();
  const Company company = catalogue.GetCompany(ParseCompanyId(options.id));
  const size_t backups = catalogue.ListBackups({.company = company.id}).size();
  if (options.purge) {
    session.Confirm(options.yes, fmt::format("remove company {} ({}) and destroy its {} backups for ever", company.id,
                                             company.name, backups));
    const uint64_t bytes = engine::PurgeRepository(session.engine(), company, session.stop());
    session.Say(fmt::format("{} in {} are destroyed", HumanBytes(bytes), company.repository));
  } else {
    session.Confirm(options.yes, fmt::format("remove company {} ({}); its {} backups stay in the store", company.id,
                                             company.name, backups));
  }
  catalogue.RemoveCompany(company.id, catalogue::Contents::kForget);
  session.Say("company " + company.id + " is removed" +
              (options.purge ? "" : "; `cofre catalogue rebuild` would bring it back"));
  return 0;
}

using Handler = int (*)(Session&, const CompanyOptions&);

std::vector<Option> Fields(CompanyOptions& options, bool server_required) {
  return {
      {"--name", "NAME", "for people; any language", &options.name},
      {"--server", "SERVER", "where its databases are", &options.server, server_required},
      {"--enabled", "YES|NO", "automatic backups (yes)", &options.enabled},
      {"--time", "HH:MM", "local time of the daily backup (01:00)", &options.backup_time},
      {"--space-limit", "GB", "what it may use in the store, all years together (1)", &options.space_limit},
      {"--time-zone", "ZONE", "as in America/Bogota; empty: the configuration's", &options.time_zone},
  };
}

Command Make(std::string name, std::string summary, std::string details, std::vector<Example> examples,
             Handler handler) {
  auto options = std::make_shared<CompanyOptions>();
  Command command{
      .name = std::move(name),
      .summary = std::move(summary),
      .details = std::move(details),
      .examples = std::move(examples),
      .run = [options, handler](Session& session) { return handler(session, *options); },
  };
  if (handler != RunList) {
    command.arguments = {
        {"COMPANY", "tax number: digits, dots and a check digit behind '-' don't matter", &options->id}};
  }
  if (handler == RunAdd || handler == RunSet) command.options = Fields(*options, handler == RunAdd);
  if (handler == RunList) command.options = {{"--server", "SERVER", "only its companies", &options->server}};
  if (handler == RunRemove) {
    command.options = {{"--purge", "", "destroy its backups too", &options->purge},
                       {"--yes", "", "don't ask", &options->yes}};
  }
  return command;
}

}  // namespace

Command CompanyCommand() {
  return {
      .name = "company",
      .summary = "Companies, each with a repository of its own",
      .details = "",
      .children =
          {
              Make("add", "Register a company", "",
                   {{"cofre company add 900.869.750-0 --name 'Ferretería Peña' --server srv1", ""},
                    {"cofre company add 900869750 --server srv1 --time 23:30 --space-limit 2.5", ""}},
                   RunAdd),
              Make("set", "Change a company; what is not named stays",
                   "A company that moves to another server keeps its repository.",
                   {{"cofre company set 900869750 --space-limit 2", "more room"},
                    {"cofre company set 900869750 --enabled no", "no automatic backups"}},
                   RunSet),
              Make("show", "Show a company", "", {{"cofre company show 900869750", ""}}, RunShow),
              Make("list", "List the companies", "", {{"cofre company list --server srv1 --json", ""}}, RunList),
              Make(
                  "remove", "Remove a company from the catalogue",
                  "Its backups stay in the store, and `cofre catalogue rebuild` brings it back. With --purge they are\n"
                  "destroyed, and nothing brings them back.",
                  {{"cofre company remove 900869750", ""}, {"cofre company remove 900869750 --purge --yes", ""}},
                  RunRemove),
              CompanyImportCommand(),
          },
  };
}

}  // namespace cofre::cli
