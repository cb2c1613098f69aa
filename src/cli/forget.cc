#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "engine/prune_job.h"
#include "engine/retention.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct ForgetOptions {
  std::optional<std::string> company;
  std::optional<std::string> year;
  std::optional<std::string> backup;
  bool dry_run = false;
  bool yes = false;
};

void PrintPlan(Session& session, const std::vector<engine::RetentionOutcome>& outcomes) {
  Table table({{"backup"}, {"company"}, {"year", Align::kRight}, {"time"}, {"decision"}, {"why"}});
  service::Json json = service::Json::array();
  for (const engine::RetentionOutcome& outcome : outcomes) {
    const std::string why(planner::RetentionReasonText(outcome.decision.reason));
    table.AddRow({ShortId(outcome.backup.snapshot_id), outcome.backup.company,
                  std::to_string(outcome.backup.fiscal_year), session.FormatLocal(outcome.backup.time),
                  outcome.decision.keep ? "keep" : "forget", why});
    service::Json one = service::ToJson(outcome.backup);
    one["se_conserva"] = outcome.decision.keep;
    one["motivo"] = why;
    json.push_back(std::move(one));
  }
  if (session.json) {
    session.PrintJson(json);
  } else {
    session.Print(table.Format());
  }
}

int ForgetOne(Session& session, const ForgetOptions& options) {
  const Backup backup = FindBackup(session.catalogue(), *options.backup);
  session.Confirm(options.yes, fmt::format("forget backup {} of {} {}, made {}", ShortId(backup.snapshot_id),
                                           backup.company, backup.fiscal_year, session.FormatLocal(backup.time)));
  engine::RunRemove(session.engine(), {backup}, session.stop());
  if (session.json) {
    session.PrintJson(service::ToJson(std::vector{backup}));
  } else {
    session.Print(fmt::format("backup {} is forgotten; `cofre prune {}` frees its space\n", ShortId(backup.snapshot_id),
                              backup.company));
  }
  return 0;
}

int ForgetByRetention(Session& session, const ForgetOptions& options) {
  const Company company = session.catalogue().GetCompany(ParseCompanyId(*options.company));
  const std::optional<int> year = options.year ? std::optional(ParseFiscalYear(*options.year)) : std::nullopt;
  if (year) (void)session.catalogue().GetDatabase(company.id, *year);
  std::vector<engine::RetentionOutcome> outcomes;
  size_t going = 0;
  for (const Database& database : session.catalogue().ListDatabases({.company = company.id})) {
    if (year && database.fiscal_year != *year) continue;
    for (const auto& outcome : engine::PlanRetention(session.engine(), company, database.fiscal_year)) {
      if (!outcome.decision.keep) ++going;
      outcomes.push_back(outcome);
    }
  }
  PrintPlan(session, outcomes);
  if (options.dry_run || going == 0) return 0;
  session.Confirm(options.yes, fmt::format("forget {} backups of company {}", going, company.id));
  const auto forgotten = engine::RunForget(session.engine(), company.id, year, session.stop());
  session.Say(
      fmt::format("{} backups are forgotten; `cofre prune {}` frees their space", forgotten.size(), company.id));
  return 0;
}

int RunForgetCommand(Session& session, const ForgetOptions& options) {
  if (options.backup.has_value() == options.company.has_value()) {
    throw Error(ErrorKind::kUsage, "say a company, to apply retention, or one backup with --backup",
                "cofre forget --help");
  }
  return options.backup ? ForgetOne(session, options) : ForgetByRetention(session, options);
}

}  // namespace

Command ForgetCommand() {
  auto options = std::make_shared<ForgetOptions>();
  return {
      .name = "forget",
      .summary = "Remove backups: those that retention no longer wants, or one by its id",
      .details =
          "Each backup applies retention to its database by itself; this does it without one. The newest backup\n"
          "of a database always stays, and is looked at before any other goes. Space is freed by `cofre prune`.",
      .examples = {{"cofre forget 900869750 --dry-run", "show what would go, and why"},
                   {"cofre forget 900869750 --year 2024 --yes", ""},
                   {"cofre forget --backup 5b1e", "this one, whatever retention says"}},
      .arguments = {{"COMPANY", "tax number", &options->company}},
      .options = {{"--year", "YEAR", "only this fiscal year", &options->year},
                  {"--backup", "ID", "this backup alone", &options->backup},
                  {"--dry-run", "", "change nothing", &options->dry_run},
                  {"--yes", "", "don't ask", &options->yes}},
      .run = [options](Session& session) { return RunForgetCommand(session, *options); },
  };
}

}  // namespace cofre::cli
