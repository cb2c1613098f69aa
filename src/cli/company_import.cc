#include "catalogue/company_import.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "catalogue/company_csv.h"
#include "cli/commands.h"
#include "cli/handed_backup.h"
#include "cli/session.h"
#include "planner/local_time.h"

namespace cofre::cli {
namespace {

int RunImport(Session& session, const std::string& file) {
  const std::string text = ReadFile(file, catalogue::kCompanyCsvLimit);
  const service::CompanyDefaults& configured = session.config().company;
  const Company defaults{.backup_time = configured.backup_time, .space_limit_bytes = configured.space_limit_bytes};
  catalogue::ImportResult result;
  try {
    const auto companies = catalogue::ParseCompanyCsv(text, planner::TimeZone::IsKnown);
    result = catalogue::ImportCompanies(session.catalogue(), companies, defaults, session.clock().Now());
  } catch (const Error& error) {
    throw error.In(file + ": nothing imported");
  }
  WakeService(session);
  const auto json_of = [](const catalogue::ImportCounts& counts) {
    return service::Json{{"nuevas", counts.added}, {"cambiadas", counts.changed}, {"sin_cambios", counts.unchanged}};
  };
  if (session.json) {
    session.PrintJson({{"empresas", json_of(result.companies)}, {"bases", json_of(result.databases)}});
    return 0;
  }
  const auto line_of = [](std::string_view what, const catalogue::ImportCounts& counts) {
    return fmt::format("{}: {} added, {} changed, {} as they were\n", what, counts.added, counts.changed,
                       counts.unchanged);
  };
  session.Print(line_of("companies", result.companies) + line_of("databases", result.databases));
  return 0;
}

}  // namespace

Command CompanyImportCommand() {
  auto file = std::make_shared<std::string>();
  return {
      .name = "import",
      .summary = "Register and change companies from a CSV file, all or nothing",
      .details =
          "The first row names the columns (docs/configuration.md), as in\n"
          "  empresa,nombre,servidor,anio_fiscal,base\n"
          "  900869750,Ferretería Peña,srv1,2025,/data/CONTAB2025.FDB\n"
          "A row that is off is named by its number and column, and then nothing is imported. A repeat is harmless.",
      .examples = {{"cofre company import companies.csv", ""}},
      .arguments = {{"FILE", "the CSV file, UTF-8", file.get()}},
      .run = [file](Session& session) { return RunImport(session, *file); },
  };
}

}  // namespace cofre::cli
