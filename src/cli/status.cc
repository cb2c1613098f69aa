#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "base/bytes.h"
#include "base/process_identity.h"
#include "cli/bandwidth.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "planner/planner.h"
#include "service/fleet_state.h"
#include "service/health.h"
#include "service/report.h"

namespace cofre::cli {
namespace {

using service::DatabaseHealth;
using service::Json;

constexpr size_t kMostRows = 10;  // of each table: one screen
constexpr std::chrono::hours kLastNight(24);

struct Status {
  service::Health health;
  service::Report report;
  bool has_service = false;
  std::optional<TimePoint> next;  // scheduled backup
  uint32_t next_count = 0;        // databases that are due then
};

Status Look(Session& session) {
  catalogue::Catalogue& catalogue = session.catalogue();
  const TimePoint now = session.clock().Now();
  Status status{.health = service::LookAtHealth(catalogue, session.config(), now),
                .report = service::MakeReport(catalogue, session.config(), now - kLastNight, now),
                .has_service = catalogue.LeaseHolder("planner", now, MayBeAlive).has_value()};
  const service::FleetState fleet = service::ReadFleet(catalogue, session.config(), now);
  for (const PlanEntry& entry : planner::MakePlan(fleet.fleet, session.config().policy, now).entries) {
    if (entry.reason != PlanReason::kNotDue || entry.when == kNoTime) continue;
    if (!status.next || entry.when < *status.next) {
      status.next = entry.when;
      status.next_count = 0;
    }
    if (entry.when == *status.next) ++status.next_count;
  }
  return status;
}

size_t Count(const Status& status, bool (*matches)(const DatabaseHealth&)) {
  return static_cast<size_t>(std::ranges::count_if(status.health.databases, matches));
}

bool IsCurrent(const DatabaseHealth& database) { return database.enabled && database.current; }
bool IsClosed(const DatabaseHealth& database) { return database.enabled && !database.current; }
bool IsFresh(const DatabaseHealth& database) { return database.newest && !database.late; }
bool IsCurrentFresh(const DatabaseHealth& database) { return IsCurrent(database) && IsFresh(database); }
bool IsClosedFresh(const DatabaseHealth& database) { return IsClosed(database) && IsFresh(database); }
bool IsFailing(const DatabaseHealth& database) { return database.enabled && database.failing; }
bool IsLate(const DatabaseHealth& database) { return database.late; }

std::vector<service::CompanyHealth> FullCompanies(const Status& status, const service::SpaceLevels& levels) {
  std::vector<service::CompanyHealth> full;
  for (const auto& company : status.health.companies) {
    if (company.percent() >= levels.high) full.push_back(company);
  }
  std::ranges::sort(full, std::ranges::greater(), &service::CompanyHealth::percent);
  return full;
}

Json TimeOrNull(const std::optional<TimePoint>& time) { return time ? Json(FormatTime(*time)) : Json(); }

Json ToJson(const DatabaseHealth& database, const std::string& error) {
  return {{"empresa", database.company},
          {"nombre", database.name},
          {"anio_fiscal", database.fiscal_year},
          {"servidor", database.server},
          {"ultimo_respaldo", TimeOrNull(database.newest)},
          {"resultado", database.outcome.empty() ? Json() : Json(database.outcome)},
          {"intentado", TimeOrNull(database.tried)},
          {"mensaje", error.empty() ? Json() : Json(error)}};
}

Json DatabasesToJson(const Status& status, bool (*matches)(const DatabaseHealth&)) {
  Json list = Json::array();
  for (const auto& database : status.report.databases) {
    if (matches(database.health)) list.push_back(ToJson(database.health, database.last_error));
  }
  return list;
}

Json ToJson(const Status& status, const service::SpaceLevels& levels, Json bandwidth) {
  const service::BackupCounts& total = status.report.total;
  Json full = Json::array();
  for (const auto& company : FullCompanies(status, levels)) {
    full.push_back({{"empresa", company.company},
                    {"nombre", company.name},
                    {"bytes_usados", company.used_bytes},
                    {"bytes_limite", company.limit_bytes}});
  }
  Json servers = Json::array();
  for (const auto& server : status.health.servers) {
    servers.push_back({{"servidor", server.name},
                       {"caido", server.down},
                       {"pausado", server.paused_by_user},
                       {"pausado_hasta", TimeOrNull(server.paused_until)},
                       {"mensaje", server.last_error.empty() ? Json() : Json(server.last_error)}});
  }
  const auto coverage = [&](bool (*all)(const DatabaseHealth&), bool (*fresh)(const DatabaseHealth&)) {
    return Json{{"bases", Count(status, all)}, {"al_dia", Count(status, fresh)}};
  };
  return {{"fecha", FormatTime(status.health.at)},
          {"servicio", status.has_service},
          {"pausado", status.health.paused},
          {"almacen_caido", status.health.store_down},
          {"ultimas_24_horas",
           {{"hechos", total.done},
            {"fallidos", total.failed},
            {"interrumpidos", total.interrupted},
            {"bytes_volcado", total.dump_bytes},
            {"bytes_almacenados", total.stored_bytes}}},
          {"anio_actual", coverage(IsCurrent, IsCurrentFresh)},
          {"anios_cerrados", coverage(IsClosed, IsClosedFresh)},
          {"en_curso", service::ToJson(status.health.running)},
          {"en_cola", status.health.queued.size()},
          {"fallando", DatabasesToJson(status, IsFailing)},
          {"atrasadas", DatabasesToJson(status, IsLate)},
          {"espacio", std::move(full)},
          {"servidores", std::move(servers)},
          {"ancho_banda", std::move(bandwidth)},
          {"siguiente", TimeOrNull(status.next)},
          {"siguiente_bases", status.next ? Json(status.next_count) : Json()}};
}

// A title with how many there are, the first rows, and how many more.
void PrintRows(Session& session, const std::string& title, Table& table, size_t rows, size_t all) {
  session.Print(fmt::format("\n{} ({})\n", title, all) + table.Format());
  if (all > rows) session.Print(fmt::format("... and {} more: cofre report, or --json\n", all - rows));
}

// "3.1 MiB of about 9.0 MiB": what the newest backup of that database took.
std::string Progress(Session& session, const Job& job) {
  std::string progress = HumanBytes(job.bytes);
  if (job.kind != JobKind::kBackup) return progress;
  const auto before = session.catalogue().ListBackups({.company = job.company, .fiscal_year = job.fiscal_year});
  if (!before.empty()) progress += " of about " + HumanBytes(before.front().dump_bytes);
  return progress;
}

void PrintRunning(Session& session, const Status& status) {
  const auto& running = status.health.running;
  if (running.empty()) return;
  std::map<std::string, std::string> names;
  for (const auto& company : status.health.companies) names[company.company] = company.name;
  Table table({{"job", Align::kRight},
               {"kind"},
               {"company"},
               {"name"},
               {"year", Align::kRight},
               {"so far", Align::kRight},
               {"for", Align::kRight}});
  const size_t rows = std::min(running.size(), kMostRows);
  for (const Job& job : std::span(running).first(rows)) {
    const auto minutes = std::chrono::duration<double>(status.health.at - job.started).count() / 60;
    table.AddRow({std::to_string(job.id), std::string(JobKindName(job.kind)), job.company, names[job.company],
                  job.fiscal_year == 0 ? "all" : std::to_string(job.fiscal_year), Progress(session, job),
                  fmt::format("{:.1f} min", std::max(minutes, 0.0))});
  }
  PrintRows(session, "Running", table, rows, running.size());
}

void PrintDatabases(Session& session, const Status& status, const std::string& title,
                    bool (*matches)(const DatabaseHealth&), bool with_error) {
  const size_t all = Count(status, matches);
  if (all == 0) return;
  Table table(
      {{"company"}, {"name"}, {"year", Align::kRight}, {"server"}, {"newest backup"}, {with_error ? "error" : ""}});
  size_t rows = 0;
  for (const auto& database : status.report.databases) {
    const DatabaseHealth& health = database.health;
    if (!matches(health) || rows == kMostRows) continue;
    ++rows;
    const std::string error = database.last_error.empty() ? health.outcome : database.last_error;
    table.AddRow({health.company, health.name, std::to_string(health.fiscal_year), health.server,
                  health.newest ? session.FormatLocal(*health.newest) : "none",
                  with_error ? error.substr(0, 100) : ""});
  }
  PrintRows(session, title, table, rows, all);
}

void PrintSpace(Session& session, const Status& status, const service::SpaceLevels& levels) {
  const auto full = FullCompanies(status, levels);
  if (full.empty()) return;
  Table table({{"company"}, {"name"}, {"used", Align::kRight}, {"limit", Align::kRight}, {"%", Align::kRight}});
  const size_t rows = std::min(full.size(), kMostRows);
  for (const auto& company : std::span(full).first(rows)) {
    table.AddRow({company.company, company.name, HumanBytes(company.used_bytes), HumanBytes(company.limit_bytes),
                  fmt::format("{:.0f}", company.percent())});
  }
  PrintRows(session, fmt::format("Space used to {} % or more", levels.high), table, rows, full.size());
}

void PrintServers(Session& session, const Status& status) {
  if (status.health.store_down) {
    session.Print(
        "\nThe store fails again and again: no backup can be stored. It is asked again by itself; see cofre store "
        "check\n");
  }
  for (const auto& server : status.health.servers) {
    if (server.down) {
      session.Print(
          fmt::format("\nServer {} fails again and again{}: {}\n", server.name,
                      server.paused_until ? ", left alone until " + session.FormatLocal(*server.paused_until) : "",
                      server.last_error));
    }
    if (server.paused_by_user && !status.health.paused) {
      session.Print(fmt::format("\nServer {} is paused: cofre resume {}\n", server.name, server.name));
    }
  }
}

void PrintStatus(Session& session, const Status& status) {
  const service::BackupCounts& total = status.report.total;
  std::vector<std::pair<std::string, std::string>> fields = {
      {"now", fmt::format("{} {}", session.FormatLocal(status.health.at), session.config().time_zone)},
      {"service", fmt::format("{}{}", status.has_service ? "runs" : "does not run: cofre serve",
                              status.health.paused ? "; everything is paused: cofre resume" : "")},
      {"last 24 hours",
       fmt::format("{} backups done ({} dumped, {} stored), {} failed, {} interrupted", total.done,
                   HumanBytes(total.dump_bytes), HumanBytes(total.stored_bytes), total.failed, total.interrupted)},
      {"current year", fmt::format("{} of {} fresh", Count(status, IsCurrentFresh), Count(status, IsCurrent))},
      {"closed years", fmt::format("{} of {} fresh", Count(status, IsClosedFresh), Count(status, IsClosed))},
      {"waiting", fmt::format("{} jobs", status.health.queued.size())},
      {"next", status.next ? fmt::format("{}: {} databases", session.FormatLocal(*status.next), status.next_count)
                           : "nothing is scheduled"}};
  if (session.config().bandwidth != service::BandwidthConfig()) {
    fields.emplace_back("bandwidth", BandwidthNow(session.config(), status.health.at));
  }
  session.Print(FormatFields(fields));
  const service::SpaceLevels& levels = session.config().notify.space;
  PrintServers(session, status);
  PrintRunning(session, status);
  PrintDatabases(session, status, "Failing", IsFailing, true);
  PrintDatabases(session, status, "Late", IsLate, false);
  PrintSpace(session, status, levels);
}

int RunStatus(Session& session) {
  const Status status = Look(session);
  if (session.json) {
    session.PrintJson(
        ToJson(status, session.config().notify.space, BandwidthToJson(session.config(), status.health.at)));
  } else {
    PrintStatus(session, status);
  }
  return 0;
}

}  // namespace

Command StatusCommand() {
  return {
      .name = "status",
      .summary = "Show on one screen how the fleet is: last night, now, failing, late, space, next",
      .details = "Reads the catalogue alone, and so also tells while the store or a server is down.",
      .examples = {{"cofre status", ""}, {"cofre status --json", "for a program"}},
      .run = RunStatus,
  };
}

}  // namespace cofre::cli
