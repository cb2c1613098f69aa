#include "catalogue/catalogue.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "catalogue/move.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/handed_backup.h"
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

struct MoveOptions {
  std::string to;
};

int RunMove(Session& session, const MoveOptions& options) {
  const std::string& from = session.config().catalogue;
  if (ServiceRuns(session)) {
    throw Error(ErrorKind::kUsage, "a service works with this catalogue: what it does meanwhile would be left behind",
                "stop it first, as with: systemctl stop cofre");
  }
  const catalogue::MoveReport report = catalogue::MoveCatalogue(from, options.to);
  if (session.json) {
    session.PrintJson({{"a", catalogue::ShownUrl(options.to)}, {"filas", report.rows}});
    return kExitOk;
  }
  session.Print(
      fmt::format("{} rows copied to {}, read back and compared\n", report.rows, catalogue::ShownUrl(options.to)));
  session.Say("it counts once catalogo in the configuration names it; " + catalogue::ShownUrl(from) +
              " stays as it is");
  return kExitOk;
}

}  // namespace

Command CatalogueCommand() {
  auto move = std::make_shared<MoveOptions>();
  return {
      .name = "catalogue",
      .summary = "What Cofre knows of companies and backups",
      .details = "",
      .children =
          {{
               .name = "rebuild",
               .summary = "Make the catalogue anew from the store and the master key",
               .details =
                   "Adds every server, company, database and backup that the store holds and the catalogue lacks, and\n"
                   "drops backups that are no longer there. What is registered otherwise stays. A repository that "
                   "can't\n"
                   "be read is reported (exit code 6) and the others go on. A repeat is harmless.",
               .examples = {{"cofre catalogue rebuild", ""}},
               .run = RunRebuild,
           },
           {
               .name = "move",
               .summary = "Carry the catalogue over to another place, as to the PostgreSQL database of several nodes",
               .details = "Copies everything, reads both sides back and compares them; the old one stays as it is. The "
                          "new place\n"
                          "must be empty, or hold an earlier copy of the same catalogue: so it can be rehearsed and "
                          "repeated.\n"
                          "Then write the new place as catalogo into the configuration of every node.",
               .examples =
                   {{"cofre catalogue move --to 'postgresql://cofre@db.example.com/cofre?passfile=/etc/cofre/pgpass'",
                     "the password stands in a file as ~/.pgpass is one"}},
               .options = {{"--to", "URL", "a path, or postgresql://USER@HOST/DATABASE", &move->to, true}},
               .run = [move](Session& session) { return RunMove(session, *move); },
           }},
  };
}

}  // namespace cofre::cli
