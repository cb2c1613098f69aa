#include "catalogue/catalogue.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "engine/rebuild.h"

namespace cofre::cli {
namespace {

service::Json JsonOfNotes(const std::vector<engine::RebuildNote>& notes) {
  service::Json json = service::Json::array();
  for (const engine::RebuildNote& note : notes) {
    json.push_back({{"repositorio", note.repository}, {"mensaje", note.message}});
  }
  return json;
}

int RunRebuild(Session& session) {
  // The one command that may begin without a catalogue.
  (void)catalogue::Catalogue::OpenOrCreate(session.config().catalogue);
  const engine::RebuildReport report = engine::RebuildCatalogue(
      session.engine(), [&](const std::string& repository) { session.Say("reading " + repository); }, session.stop());
  for (const engine::RebuildNote& note : report.problems) {
    Session::Complain(note.repository + ": " + note.message, "");
  }
  if (session.json) {
    session.PrintJson({{"repositorios", report.repositories},
                       {"servidores", report.servers},
                       {"empresas", report.companies},
                       {"bases", report.databases},
                       {"respaldos", report.backups},
                       {"respaldos_quitados", report.removed_backups},
                       {"problemas", JsonOfNotes(report.problems)},
                       {"observaciones", JsonOfNotes(report.notes)}});
  } else {
    session.Print(
        fmt::format("{} repositories found, {} of them not readable\n"
                    "added: {} servers, {} companies, {} databases, {} backups\n",
                    report.repositories, report.problems.size(), report.servers, report.companies, report.databases,
                    report.backups));
    if (report.removed_backups > 0) session.Print(fmt::format("removed: {} backups\n", report.removed_backups));
    for (const engine::RebuildNote& note : report.notes) session.Print(note.repository + ": " + note.message + "\n");
  }
  return report.problems.empty() ? kExitOk : kExitCorrupt;
}

}  // namespace

Command CatalogueCommand() {
  return {
      .name = "catalogue",
      .summary = "What Cofre knows of companies and backups",
      .details = "",
      .children = {{
          .name = "rebuild",
          .summary = "Make the catalogue anew from the store and the master key",
          .details =
              "Adds every server, company, database and backup that the store holds and the catalogue lacks, and\n"
              "drops backups that are no longer there. What is registered otherwise stays. A repository that can't\n"
              "be read is reported (exit code 6) and the others go on. A repeat is harmless.",
          .examples = {{"cofre catalogue rebuild", ""}},
          .run = RunRebuild,
      }},
  };
}

}  // namespace cofre::cli
