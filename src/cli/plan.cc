#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>

#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "planner/explain.h"
#include "planner/planner.h"
#include "service/fleet_state.h"

namespace cofre::cli {
namespace {

using service::Json;

struct PlanOptions {
  std::optional<std::string> at;
  std::optional<std::string> company;
};

struct ShownPlan {
  service::FleetState state;
  Plan plan;
  std::vector<uint32_t> shown;  // what runs first, in its order, then what waits, by its time
};

std::string CompanyOf(const ShownPlan& shown, uint32_t database) {
  return shown.state.companies[shown.state.fleet.databases[database].company];
}

ShownPlan MakeShownPlan(Session& session, const PlanOptions& options) {
  const TimePoint now = session.clock().Now();
  const TimePoint at = options.at ? ParseMoment(*options.at, session.zone(), now) : now;
  catalogue::Catalogue& catalogue = session.catalogue();
  const std::string company = options.company ? catalogue.GetCompany(ParseCompanyId(*options.company)).id : "";
  ShownPlan shown{.state = service::ReadFleet(catalogue, session.config(), at)};
  shown.plan = planner::MakePlan(shown.state.fleet, session.config().policy, at);
  shown.shown = shown.plan.run;
  for (uint32_t i = 0; i < shown.plan.entries.size(); ++i) {
    if (!shown.plan.entries[i].runs()) shown.shown.push_back(i);
  }
  const auto waiting = shown.shown.begin() + static_cast<std::ptrdiff_t>(shown.plan.run.size());
  std::ranges::sort(waiting, shown.shown.end(), {}, [&](uint32_t i) {
    const PlanEntry& entry = shown.plan.entries[i];
    return std::tuple(entry.when, i);
  });
  if (!company.empty()) std::erase_if(shown.shown, [&](uint32_t i) { return CompanyOf(shown, i) != company; });
  return shown;
}

Json TimeOrNull(TimePoint time) { return time == kNoTime ? Json() : Json(FormatTime(time)); }

Json ToJson(const ShownPlan& shown) {
  Json entries = Json::array();
  for (const uint32_t i : shown.shown) {
    const PlanEntry& entry = shown.plan.entries[i];
    const planner::DatabaseFacts& database = shown.state.fleet.databases[i];
    entries.push_back({{"empresa", CompanyOf(shown, i)},
                       {"anio_fiscal", database.fiscal_year},
                       {"se_ejecuta", entry.runs()},
                       {"motivo", PlanReasonName(entry.reason)},
                       {"prioridad", JobPriorityName(entry.priority)},
                       {"intento", entry.runs() ? Json(entry.attempt) : Json()},
                       {"lote", entry.batch == 0 ? Json() : Json(entry.batch)},
                       {"prevista", TimeOrNull(entry.due)},
                       {"tardia", entry.late},
                       {"hasta", TimeOrNull(entry.when)},
                       {"ultimo_respaldo", TimeOrNull(database.newest_backup)},
                       {"explicacion", planner::Explain(shown.plan, shown.state.fleet, i)}});
  }
  return {{"fecha", FormatTime(shown.plan.made_at)},
          {"siguiente", shown.plan.next_event ? Json(FormatTime(*shown.plan.next_event)) : Json()},
          {"bases", std::move(entries)}};
}

int RunPlan(Session& session, const PlanOptions& options) {
  const ShownPlan shown = MakeShownPlan(session, options);
  if (session.json) {
    session.PrintJson(ToJson(shown));
    return 0;
  }
  auto names = session.CompanyNames();
  Table table({{"company"}, {"name"}, {"year", Align::kRight}, {"plan"}});
  for (const uint32_t i : shown.shown) {
    table.AddRow({CompanyOf(shown, i), names[CompanyOf(shown, i)],
                  std::to_string(shown.state.fleet.databases[i].fiscal_year),
                  planner::Explain(shown.plan, shown.state.fleet, i)});
  }
  if (!shown.shown.empty()) session.Print(table.Format());
  session.Say(fmt::format("At {}: {} of {} databases would start{}", session.FormatLocal(shown.plan.made_at),
                          shown.plan.run.size(), shown.plan.entries.size(),
                          shown.plan.next_event ? "; the plan changes at " + session.FormatLocal(*shown.plan.next_event)
                                                : "; time alone changes nothing"));
  return 0;
}

}  // namespace

Command PlanCommand() {
  auto options = std::make_shared<PlanOptions>();
  return {
      .name = "plan",
      .summary = "Show what would be backed up now and, for every other database, why not",
      .details = "Starts nothing. What happens before a time of --at is not foreseen: what runs now still runs then.",
      .examples = {{"cofre plan", "all databases, what starts first"},
                   {"cofre plan --company 900869750", "why, or why not"},
                   {"cofre plan --at 01:00", "tonight"},
                   {"cofre plan --at '2026-12-31 23:30' --json", "for a program"}},
      .options = {{"--at", "TIME", "as if it were then: 01:00, or 2026-12-31 23:30, or 2026-12-31T23:30:00Z",
                   &options->at},
                  {"--company", "COMPANY", "only its databases", &options->company}},
      .run = [options](Session& session) { return RunPlan(session, *options); },
  };
}

}  // namespace cofre::cli
