#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "service/report_json.h"

namespace cofre::cli {
namespace {

using service::DatabaseReport;
using service::Json;
using service::Report;

struct ReportOptions {
  std::optional<std::string> since;
  std::optional<std::string> company;
  std::optional<std::string> format;
};

std::string_view StateOf(const DatabaseReport& database) {
  if (!database.health.enabled) return "disabled";
  if (database.health.failing) return "failing";
  if (database.health.late) return "late";
  return database.health.newest ? "fresh" : "none";
}

Json TimeOrNull(const std::optional<TimePoint>& time) { return time ? Json(FormatTime(*time)) : Json(); }

Json ToJson(const Report& report) {
  Json databases = Json::array();
  for (const DatabaseReport& database : report.databases) {
    Json row{{"empresa", database.health.company},
             {"nombre", database.health.name},
             {"anio_fiscal", database.health.fiscal_year},
             {"servidor", database.health.server},
             {"estado", StateOf(database)},
             {"ultimo_respaldo", TimeOrNull(database.health.newest)}};
    row.update(service::ToJson(database.backups));
    row["mensaje"] = database.last_error.empty() ? Json() : Json(database.last_error);
    databases.push_back(std::move(row));
  }
  return {{"desde", FormatTime(report.from)},
          {"hasta", FormatTime(report.to)},
          {"total", service::ToJson(report.total)},
          {"bases", std::move(databases)}};
}

// A cell that begins like a formula would be one in a spreadsheet: names and errors come from others.
std::string Cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) text.insert(0, "'");
  if (text.find_first_of(",;\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string ToCsv(const Report& report) {
  std::string csv =
      "empresa,nombre,anio_fiscal,servidor,estado,ultimo_respaldo,hechos,fallidos,interrumpidos,bytes_volcado,"
      "bytes_almacenados,segundos,mensaje\r\n";
  for (const DatabaseReport& database : report.databases) {
    const service::DatabaseHealth& health = database.health;
    const service::BackupCounts& counts = database.backups;
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{:.1f},{}\r\n", Cell(health.company), Cell(health.name),
                       health.fiscal_year, Cell(health.server), StateOf(database),
                       health.newest ? FormatTime(*health.newest) : "", counts.done, counts.failed, counts.interrupted,
                       counts.dump_bytes, counts.stored_bytes, std::chrono::duration<double>(counts.elapsed).count(),
                       Cell(database.last_error));
  }
  return csv;
}

void PrintText(Session& session, const Report& report) {
  Table table({{"company"},
               {"name"},
               {"year", Align::kRight},
               {"state"},
               {"newest backup"},
               {"done", Align::kRight},
               {"failed", Align::kRight},
               {"dumped", Align::kRight},
               {"stored", Align::kRight},
               {"took", Align::kRight},
               {"last error"}});
  for (const DatabaseReport& database : report.databases) {
    const service::BackupCounts& counts = database.backups;
    table.AddRow({database.health.company, database.health.name, std::to_string(database.health.fiscal_year),
                  std::string(StateOf(database)),
                  database.health.newest ? session.FormatLocal(*database.health.newest) : "",
                  std::to_string(counts.done), std::to_string(counts.failed), HumanBytes(counts.dump_bytes),
                  HumanBytes(counts.stored_bytes), FormatSeconds(counts.elapsed), database.last_error.substr(0, 100)});
  }
  session.Print(table.Format());
  const service::BackupCounts& total = report.total;
  session.Print(fmt::format("\n{} to {}: {} backups done ({} dumped, {} stored), {} failed, {} interrupted\n",
                            session.FormatLocal(report.from), session.FormatLocal(report.to), total.done,
                            HumanBytes(total.dump_bytes), HumanBytes(total.stored_bytes), total.failed,
                            total.interrupted));
}

int RunReport(Session& session, const ReportOptions& options) {
  const std::string format = options.format.value_or(session.json ? "json" : "text");
  if (format != "text" && format != "csv" && format != "json") {
    throw Error(ErrorKind::kUsage, Quoted(format) + " is no format of a report", "text, csv or json");
  }
  const TimePoint now = session.clock().Now();
  const TimePoint from = ParseSince(options.since.value_or("24h"), session.zone(), now);
  const std::string company =
      options.company ? session.catalogue().GetCompany(ParseCompanyId(*options.company)).id : "";
  const Report report = service::MakeReport(session.catalogue(), session.config(), from, now, company);
  if (format == "json") {
    session.PrintJson(ToJson(report));
  } else if (format == "csv") {
    session.Print(ToCsv(report));
  } else {
    PrintText(session, report);
  }
  return 0;
}

}  // namespace

Command ReportCommand() {
  auto options = std::make_shared<ReportOptions>();
  return {
      .name = "report",
      .summary = "What happened since some time, database by database",
      .details = "",
      .examples = {{"cofre report --since 24h", "last night"},
                   {"cofre report --since 2026-11-01 --format csv", "the month, for a spreadsheet"},
                   {"cofre report --company 900869750 --since 30d --format json", "one company"}},
      .options = {{"--since", "TIME", "24h (default), 7d, 2026-11-24, '2026-11-24 18:00'", &options->since},
                  {"--company", "COMPANY", "only its databases", &options->company},
                  {"--format", "FORMAT", "text (default), csv or json", &options->format}},
      .run = [options](Session& session) { return RunReport(session, *options); },
  };
}

}  // namespace cofre::cli
