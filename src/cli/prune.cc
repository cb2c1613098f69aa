#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "engine/prune_job.h"

namespace cofre::cli {
namespace {

struct PruneOptions {
  std::optional<std::string> company;
  std::optional<std::string> max_unused;
  bool dry_run = false;
  bool yes = false;
};

std::vector<Company> CompaniesToPrune(Session& session, const PruneOptions& options) {
  catalogue::Catalogue& catalogue = session.catalogue();
  if (options.company) return {catalogue.GetCompany(ParseCompanyId(*options.company))};
  std::vector<Company> companies;
  for (const Company& company : catalogue.ListCompanies()) {
    if (!catalogue.ListBackups({.company = company.id}).empty()) companies.push_back(company);
  }
  return companies;
}

service::Json JsonOfOutcome(const Company& company, const engine::PruneOutcome& outcome) {
  return {{"empresa", company.id},
          {"olvidados", outcome.forgotten.size()},
          {"paquetes_borrados", outcome.report.packs_deleted},
          {"paquetes_reescritos", outcome.report.packs_repacked},
          {"bytes_antes", outcome.report.bytes_before},
          {"bytes_despues", outcome.report.bytes_after},
          {"bytes_sin_uso", outcome.report.unused_bytes_left}};
}

int RunPruneCommand(Session& session, const PruneOptions& options) {
  repository::PruneOptions how{.dry_run = options.dry_run};
  if (options.max_unused) how.max_unused = ParseShare(*options.max_unused, "--max-unused");
  const std::vector<Company> companies = CompaniesToPrune(session, options);
  if (!options.dry_run) {
    session.Confirm(options.yes, fmt::format("apply retention to {} and free what nobody refers to",
                                             options.company ? "company " + companies.front().id
                                                             : fmt::format("{} companies", companies.size())));
  }
  int code = kExitOk;
  service::Json json = service::Json::array();
  Table table({{"company"},
               {"forgotten", Align::kRight},
               {"packs deleted", Align::kRight},
               {"repacked", Align::kRight},
               {"before", Align::kRight},
               {"after", Align::kRight},
               {"unused", Align::kRight}});
  for (const Company& company : companies) {
    try {
      const engine::PruneOutcome outcome = engine::RunPrune(session.engine(), company.id, how, session.stop());
      json.push_back(JsonOfOutcome(company, outcome));
      table.AddRow({company.id, std::to_string(outcome.forgotten.size()), std::to_string(outcome.report.packs_deleted),
                    std::to_string(outcome.report.packs_repacked), HumanBytes(outcome.report.bytes_before),
                    HumanBytes(outcome.report.bytes_after), HumanBytes(outcome.report.unused_bytes_left)});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCancelled || companies.size() == 1) throw;
      code = CombineExitCodes(code, ExitCodeOf(error.kind()));
      Session::Complain(company.id + ": " + error.what(), error.hint());
    }
  }
  if (session.json) {
    session.PrintJson(json);
  } else {
    session.Print(table.Format());
  }
  return code;
}

}  // namespace

Command PruneCommand() {
  auto options = std::make_shared<PruneOptions>();
  return {
      .name = "prune",
      .summary = "Apply retention and free the space that no backup needs",
      .details = "Nobody else may use the repository meanwhile; a company that is busy is exit code 7.",
      .examples = {{"cofre prune --dry-run", "what would be freed, for all companies"},
                   {"cofre prune 900869750 --yes", ""}},
      .arguments = {{"COMPANY", "only this one", &options->company}},
      .options = {{"--max-unused", "SHARE", "stored bytes that may stay unused, as in 5% (the default) or 0",
                   &options->max_unused},
                  {"--dry-run", "", "change nothing", &options->dry_run},
                  {"--yes", "", "don't ask", &options->yes}},
      .run = [options](Session& session) { return RunPruneCommand(session, *options); },
  };
}

}  // namespace cofre::cli
