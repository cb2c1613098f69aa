#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/handed_backup.h"
#include "cli/session.h"
#include "cli/table.h"
#include "model/company.h"
#include "planner/explain.h"
#include "planner/planner.h"
#include "service/fleet_state.h"

namespace cofre::cli {
namespace {

struct PendingOptions {
  std::optional<std::string> server;
  bool run = false;
};

struct Pending {
  Company company;
  int fiscal_year = 0;
  TimePoint newest = kNoTime;
  PlanReason reason{};
  std::string why;
};

// Also what is not due by itself yet, where it has none at all: it was registered after its hour.
bool LacksBackup(PlanReason reason, const planner::DatabaseFacts& database) {
  if (reason == PlanReason::kNotDue || reason == PlanReason::kFresh) return database.newest_backup == kNoTime;
  return reason != PlanReason::kDisabled;
}

std::vector<Pending> FindPending(Session& session, const std::string& server) {
  const TimePoint now = session.clock().Now();
  const service::FleetState state = service::ReadFleet(session.catalogue(), session.config(), now);
  const Plan plan = planner::MakePlan(state.fleet, session.config().policy, now);
  std::map<std::string, Company> companies;
  for (Company& company : session.catalogue().ListCompanies({.server = server})) {
    companies.emplace(company.id, std::move(company));
  }
  std::vector<Pending> pending;
  for (uint32_t i = 0; i < plan.entries.size(); ++i) {
    const planner::DatabaseFacts& database = state.fleet.databases[i];
    const auto company = companies.find(state.companies[database.company]);
    if (company == companies.end() || !LacksBackup(plan.entries[i].reason, database)) continue;
    pending.push_back({.company = company->second,
                       .fiscal_year = database.fiscal_year,
                       .newest = database.newest_backup,
                       .reason = plan.entries[i].reason,
                       .why = planner::Explain(plan, state.fleet, i)});
  }
  return pending;
}

void Show(Session& session, const std::vector<Pending>& pending) {
  service::Json json = service::Json::array();
  Table table({{"company"}, {"name"}, {"year", Align::kRight}, {"server"}, {"newest backup"}, {"why"}});
  for (const Pending& one : pending) {
    const bool none = one.newest == kNoTime;
    json.push_back({{"empresa", one.company.id},
                    {"nombre", one.company.name},
                    {"anio_fiscal", one.fiscal_year},
                    {"servidor", one.company.server},
                    {"ultimo_respaldo", none ? service::Json(nullptr) : service::Json(FormatTime(one.newest))},
                    {"motivo", PlanReasonName(one.reason)},
                    {"explicacion", one.why}});
    table.AddRow({one.company.id, one.company.name, std::to_string(one.fiscal_year), one.company.server,
                  none ? "none" : session.FormatLocal(one.newest), one.why});
  }
  if (session.json) return session.PrintJson(json);
  session.Print(table.Format());
}

int RunPending(Session& session, const PendingOptions& options) {
  const std::string server = options.server ? ParseServerName(*options.server) : "";
  if (!server.empty()) (void)session.catalogue().GetServer(server);
  const std::vector<Pending> pending = FindPending(session, server);
  Show(session, pending);
  if (!options.run) return kExitOk;
  for (const Pending& one : pending) {
    HandOver(session, {.company = one.company.id, .fiscal_year = one.fiscal_year});
  }
  WakeService(session);
  session.Say(fmt::format("{} backups are queued{}", pending.size(),
                          ServiceRuns(session) ? "" : ": no service runs now, the next one does them"));
  return kExitOk;
}

}  // namespace

Command PendingCommand() {
  auto options = std::make_shared<PendingOptions>();
  return {
      .name = "pending",
      .summary = "List the databases that lack a fresh backup, or back them up",
      .details =
          "Fresh is what the policy says: of the current fiscal year one of the last backup hour, of a closed year "
          "one\n"
          "that is not too old. A database without any is listed though its first hour is still to come. Companies "
          "whose\n"
          "backups are off are left out. --run puts all of them into the queue of the service, without its hourly "
          "caps;\n"
          "servers still bear no more at once than they may.",
      .examples = {{"cofre pending", ""}, {"cofre pending --server srv1 --run", "after srv1 was down for a night"}},
      .options = {{"--server", "SERVER", "only of this one", &options->server},
                  {"--run", "", "back them up now", &options->run}},
      .run = [options](Session& session) { return RunPending(session, *options); },
  };
}

}  // namespace cofre::cli
