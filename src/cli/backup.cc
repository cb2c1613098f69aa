#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/handed_backup.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "engine/backup_job.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct BackupOptions {
  std::optional<std::string> company;
  std::optional<std::string> year;
  std::optional<std::string> pin;
  bool all = false;
  bool no_wait = false;
};

// One database's turn, as it ended.
struct Turn {
  engine::BackupOrder order;
  std::string name;            // the company's
  std::optional<int64_t> job;  // the service does it
  std::optional<engine::BackupOutcome> outcome;
  std::optional<Error> error;
};

std::vector<Turn> PlanTurns(Session& session, const BackupOptions& options) {
  if (options.all == options.company.has_value()) {
    throw Error(ErrorKind::kUsage, "say which company, or --all", "cofre backup --help");
  }
  catalogue::Catalogue& catalogue = session.catalogue();
  const std::vector<Company> companies =
      options.all ? catalogue.ListCompanies() : std::vector{catalogue.GetCompany(ParseCompanyId(*options.company))};
  const std::optional<int> year = options.year ? std::optional(ParseFiscalYear(*options.year)) : std::nullopt;
  std::optional<TimePoint> pinned_until;
  if (options.pin) {
    // Until the end of that day.
    pinned_until = session.zone().BeginOf(planner::ParseDay(*options.pin) + std::chrono::days(1));
    if (*pinned_until <= session.clock().Now()) throw Error(ErrorKind::kUsage, "the day of --pin is over already");
  }

  std::vector<Turn> turns;
  for (const Company& company : companies) {
    // An unknown year of a single company is refused by name.
    if (!options.all && year) (void)catalogue.GetDatabase(company.id, *year);
    for (const Database& database : catalogue.ListDatabases({.company = company.id})) {
      if (year && database.fiscal_year != *year) continue;
      turns.push_back({.order = {.company = company.id,
                                 .fiscal_year = database.fiscal_year,
                                 .reason = JobReason::kManual,
                                 .pinned_until = pinned_until},
                       .name = company.name,
                       .job = {},
                       .outcome = {},
                       .error = {}});
    }
  }
  if (turns.empty()) {
    throw Error(ErrorKind::kNotFound, "there is no database to back up", "cofre database add COMPANY YEAR --path PATH");
  }
  return turns;
}

engine::BackupOutcome BackUpHere(Session& session, const engine::BackupOrder& order, const std::string& label) {
  repository::BackupProgress progress;
  const ProgressDisplay display(
      DetectProgressStyle(session.quiet), label,
      [&] {
        return ProgressFigures{.done_bytes = progress.bytes_read, .has_new = true, .new_bytes = progress.bytes_new};
      },
      session.clock());
  return engine::RunBackup(session.engine(), order, &progress, session.stop());
}

void Take(Session& session, Turn& turn) {
  const std::string label = fmt::format("{} {}", turn.order.company, turn.order.fiscal_year);
  try {
    turn.outcome = turn.job ? AwaitHandedOver(session, *turn.job, label) : BackUpHere(session, turn.order, label);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kCancelled) throw;
    turn.error = error;
    return;
  }
  if (!turn.outcome->warning.empty()) Session::Complain(label + ": " + turn.outcome->warning, "");
}

service::Json JsonOfTurn(const Turn& turn) {
  if (turn.error) {
    return {{"empresa", turn.order.company}, {"anio_fiscal", turn.order.fiscal_year},
            {"estado", "fallida"},           {"error", ErrorKindName(turn.error->kind())},
            {"mensaje", turn.error->what()}, {"sugerencia", turn.error->hint()}};
  }
  service::Json json = service::ToJson(turn.outcome->backup);
  json["estado"] = "hecha";
  json["sin_cambios"] = turn.outcome->unchanged;
  json["bytes_agregados"] = turn.outcome->added_bytes;
  json["olvidados"] = turn.outcome->forgotten.size();
  if (!turn.outcome->warning.empty()) json["aviso"] = turn.outcome->warning;
  return json;
}

std::vector<std::string> RowOf(const Turn& turn) {
  const std::string year = std::to_string(turn.order.fiscal_year);
  if (turn.error) {
    return {turn.order.company, turn.name, year, "", "", "", "", "", std::string(ErrorKindName(turn.error->kind()))};
  }
  const Backup& backup = turn.outcome->backup;
  return {turn.order.company,
          turn.name,
          year,
          ShortId(backup.snapshot_id),
          HumanBytes(backup.dump_bytes),
          HumanBytes(backup.new_bytes),
          HumanBytes(turn.outcome->added_bytes),
          FormatSeconds(backup.elapsed),
          turn.outcome->unchanged ? "unchanged" : "ok"};
}

// Only puts them into the queue.
int QueueTurns(Session& session, std::vector<Turn>& turns) {
  service::Json json = service::Json::array();
  for (const Turn& turn : turns) {
    json.push_back({{"empresa", turn.order.company},
                    {"anio_fiscal", turn.order.fiscal_year},
                    {"estado", "en_cola"},
                    {"tarea", HandOver(session, turn.order)}});
  }
  WakeService(session);
  if (session.json) session.PrintJson(json);
  session.Say(fmt::format("{} backups are queued{}", turns.size(),
                          ServiceRuns(session) ? "" : ": no service runs now, the next one does them"));
  return kExitOk;
}

int RunBackupCommand(Session& session, const BackupOptions& options) {
  std::vector<Turn> turns = PlanTurns(session, options);
  if (options.no_wait) return QueueTurns(session, turns);
  if (ServiceRuns(session)) {
    for (Turn& turn : turns) turn.job = HandOver(session, turn.order);
    WakeService(session);
  }
  int code = kExitOk;
  for (Turn& turn : turns) {
    Take(session, turn);
    if (!turn.error) continue;
    code = CombineExitCodes(code, ExitCodeOf(turn.error->kind()));
    Session::Complain(fmt::format("{} {}: {}", turn.order.company, turn.order.fiscal_year, turn.error->what()),
                      turn.error->hint());
  }

  service::Json json = service::Json::array();
  Table table({{"company"},
               {"name"},
               {"year", Align::kRight},
               {"backup"},
               {"dump", Align::kRight},
               {"new", Align::kRight},
               {"stored", Align::kRight},
               {"time", Align::kRight},
               {"state"}});
  for (const Turn& turn : turns) {
    json.push_back(JsonOfTurn(turn));
    table.AddRow(RowOf(turn));
  }
  if (session.json) {
    session.PrintJson(json);
  } else {
    session.Print(table.Format());
  }
  return code;
}

}  // namespace

Command BackupCommand() {
  auto options = std::make_shared<BackupOptions>();
  return {
      .name = "backup",
      .summary = "Back up a company's databases now",
      .details =
          "One database after the other. A failure does not keep the others from their turn; the exit code is that of\n"
          "the failures. Retention is applied to each database after its backup. In the table, `new` is what no "
          "earlier\n"
          "backup had, `stored` what it added to the store, compressed. Where the service runs it is the one that "
          "does\n"
          "it, before all that nobody has asked for.",
      .examples = {{"cofre backup 900869750", "all its years"},
                   {"cofre backup 900869750 --year 2025", "one of them"},
                   {"cofre backup 900869750 --year 2025 --pin 2027-12-31", "retention leaves it alone until then"},
                   {"cofre backup --all --json", "every database of every company"}},
      .arguments = {{"COMPANY", "tax number", &options->company}},
      .options = {{"--year", "YEAR", "only this fiscal year", &options->year},
                  {"--pin", "DATE", "keep it to the end of this day, whatever retention says", &options->pin},
                  {"--all", "", "every company", &options->all},
                  {"--no-wait", "", "leave it to the service and don't wait for it", &options->no_wait}},
      .run = [options](Session& session) { return RunBackupCommand(session, *options); },
  };
}

}  // namespace cofre::cli
