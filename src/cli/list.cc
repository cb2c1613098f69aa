#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "engine/company_lock.h"
#include "engine/reconcile.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct ListOptions {
  std::optional<std::string> company;
  std::optional<std::string> year;
};

// Usually there is no doubt, and then neither store nor master key is needed.
void EndDoubts(Session& session) {
  if (engine::CompaniesInDoubt(service::LockFolder(session.config())).empty()) return;
  try {
    engine::ReconcileDoubtful(session.engine(), session.stop());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kCancelled) throw;
    session.Say(std::string("after an interrupted job the list may lack its backup: ") + error.what());
  }
}

int RunList(Session& session, const ListOptions& options) {
  catalogue::Catalogue& catalogue = session.catalogue();
  catalogue::BackupFilter filter;
  if (options.company) filter.company = catalogue.GetCompany(ParseCompanyId(*options.company)).id;
  if (options.year) filter.fiscal_year = ParseFiscalYear(*options.year);
  EndDoubts(session);

  const std::vector<Backup> backups = catalogue.ListBackups(filter);
  if (session.json) {
    session.PrintJson(service::ToJson(backups));
    return 0;
  }
  auto names = session.CompanyNames();
  Table table({{"backup"},
               {"company"},
               {"name"},
               {"year", Align::kRight},
               {"time"},
               {"dump", Align::kRight},
               {"new", Align::kRight},
               {"stored", Align::kRight},
               {"pinned until"},
               {"verified"}});
  for (const Backup& backup : backups) {
    table.AddRow({ShortId(backup.snapshot_id), backup.company, names[backup.company],
                  std::to_string(backup.fiscal_year), session.FormatLocal(backup.time), HumanBytes(backup.dump_bytes),
                  HumanBytes(backup.new_bytes), HumanBytes(backup.stored_bytes),
                  backup.pinned_until ? session.FormatLocal(*backup.pinned_until) : "",
                  backup.verified_at ? session.FormatLocal(*backup.verified_at) : ""});
  }
  session.Print(table.Format());
  if (backups.empty()) session.Say("no backups yet: cofre backup COMPANY");
  return 0;
}

}  // namespace

Command ListCommand() {
  auto options = std::make_shared<ListOptions>();
  return {
      .name = "list",
      .summary = "List the backups, the newest of each database first",
      .details = "",
      .examples = {{"cofre list", "of all companies"},
                   {"cofre list 900869750 --year 2025", ""},
                   {"cofre list --json", "sizes in bytes, times in UTC"}},
      .arguments = {{"COMPANY", "only its backups", &options->company}},
      .options = {{"--year", "YEAR", "only this fiscal year", &options->year}},
      .run = [options](Session& session) { return RunList(session, *options); },
  };
}

}  // namespace cofre::cli
