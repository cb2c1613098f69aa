#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "planner/explain.h"
#include "planner/planner.h"
#include "service/fleet_state.h"
#include "service/health.h"

namespace cofre::cli {
namespace {

using service::Json;

struct InspectOptions {
  std::optional<std::string> limit;
};

size_t LimitOf(const InspectOptions& options) {
  return options.limit ? ParseNumber(*options.limit, "--limit", 1, 1'000'000) : 50;
}

std::map<std::string, std::string> Names(Session& session) {
  std::map<std::string, std::string> names;
  for (const Company& company : session.catalogue().ListCompanies()) names[company.id] = company.name;
  return names;
}

std::string YearText(int fiscal_year) { return fiscal_year == 0 ? "all" : std::to_string(fiscal_year); }

void SayMore(Session& session, size_t shown, size_t all) {
  if (all > shown) session.Say(fmt::format("... and {} more: --limit", all - shown));
}

int RunActive(Session& session, const InspectOptions& options) {
  const TimePoint now = session.clock().Now();
  std::vector<Job> jobs = service::LookAtHealth(session.catalogue(), session.config(), now).running;
  const size_t all = jobs.size();
  jobs.resize(std::min(all, LimitOf(options)));
  if (session.json) {
    session.PrintJson(service::ToJson(jobs));
    return 0;
  }
  auto names = Names(session);
  Table table({{"job", Align::kRight},
               {"kind"},
               {"company"},
               {"name"},
               {"year", Align::kRight},
               {"since"},
               {"bytes", Align::kRight},
               {"a second", Align::kRight},
               {"try", Align::kRight},
               {"process"}});
  for (const Job& job : jobs) {
    const double seconds = std::max(std::chrono::duration<double>(now - job.started).count(), 1.0);
    table.AddRow({std::to_string(job.id), std::string(JobKindName(job.kind)), job.company, names[job.company],
                  YearText(job.fiscal_year), session.FormatLocal(job.started), HumanBytes(job.bytes),
                  HumanBytes(static_cast<uint64_t>(static_cast<double>(job.bytes) / seconds)),
                  std::to_string(job.attempt), job.owner});
  }
  session.Print(table.Format());
  SayMore(session, jobs.size(), all);
  return 0;
}

int RunReserved(Session& session, const InspectOptions& options) {
  std::vector<Job> jobs = service::LookAtHealth(session.catalogue(), session.config(), session.clock().Now()).queued;
  const size_t all = jobs.size();
  jobs.resize(std::min(all, LimitOf(options)));
  if (session.json) {
    session.PrintJson(service::ToJson(jobs));
    return 0;
  }
  auto names = Names(session);
  Table table({{"job", Align::kRight},
               {"kind"},
               {"company"},
               {"name"},
               {"year", Align::kRight},
               {"why"},
               {"batch", Align::kRight},
               {"queued"},
               {"not before"},
               {"late"},
               {"try", Align::kRight}});
  for (const Job& job : jobs) {
    table.AddRow({std::to_string(job.id), std::string(JobKindName(job.kind)), job.company, names[job.company],
                  YearText(job.fiscal_year), std::string(JobReasonName(job.reason)),
                  job.batch == 0 ? "" : std::to_string(job.batch), session.FormatLocal(job.queued),
                  job.not_before > job.queued ? session.FormatLocal(job.not_before) : "", job.late ? "late" : "",
                  std::to_string(job.attempt)});
  }
  session.Print(table.Format());
  SayMore(session, jobs.size(), all);
  return 0;
}

// Databases whose time is known and lies ahead, the next first.
int RunScheduled(Session& session, const InspectOptions& options) {
  const TimePoint now = session.clock().Now();
  const service::FleetState state = service::ReadFleet(session.catalogue(), session.config(), now);
  const Plan plan = planner::MakePlan(state.fleet, session.config().policy, now);
  std::vector<std::pair<TimePoint, uint32_t>> ahead;
  for (uint32_t i = 0; i < plan.entries.size(); ++i) {
    if (!plan.entries[i].runs() && plan.entries[i].when != kNoTime) ahead.emplace_back(plan.entries[i].when, i);
  }
  std::ranges::sort(ahead);
  const auto shown = std::span(ahead).first(std::min(ahead.size(), LimitOf(options)));
  auto names = Names(session);
  Json list = Json::array();
  Table table({{"at"}, {"company"}, {"name"}, {"year", Align::kRight}, {"kind"}, {"until then"}});
  for (const auto& [when, i] : shown) {
    const std::string& company = state.companies[state.fleet.databases[i].company];
    const int year = state.fleet.databases[i].fiscal_year;
    const PlanEntry& entry = plan.entries[i];
    if (session.json) {
      list.push_back({{"fecha", FormatTime(when)},
                      {"empresa", company},
                      {"nombre", names[company]},
                      {"anio_fiscal", year},
                      {"prioridad", JobPriorityName(entry.priority)},
                      {"motivo", PlanReasonName(entry.reason)}});
      continue;
    }
    table.AddRow({session.FormatLocal(when), company, names[company], std::to_string(year),
                  std::string(JobPriorityName(entry.priority)), planner::Explain(plan, state.fleet, i)});
  }
  if (session.json) {
    session.PrintJson(list);
    return 0;
  }
  session.Print(table.Format());
  SayMore(session, shown.size(), ahead.size());
  return 0;
}

Command Make(std::string name, std::string summary, std::string example,
             int (*handler)(Session&, const InspectOptions&)) {
  auto options = std::make_shared<InspectOptions>();
  return {
      .name = std::move(name),
      .summary = std::move(summary),
      .details = "",
      .examples = {{std::move(example), ""}},
      .options = {{"--limit", "N", "at most so many rows (50)", &options->limit}},
      .run = [options, handler](Session& session) { return handler(session, *options); },
  };
}

}  // namespace

Command InspectCommand() {
  return {
      .name = "inspect",
      .summary = "Look into the queue: what comes, what runs, what waits",
      .details = "",
      .children = {Make("scheduled", "Databases whose next backup has a time, the next first",
                        "cofre inspect scheduled --limit 20", RunScheduled),
                   Make("active", "Jobs that run, with how far they are", "cofre inspect active --json", RunActive),
                   Make("reserved", "Jobs that wait for a worker, in the order in which they go",
                        "cofre inspect reserved", RunReserved)},
  };
}

}  // namespace cofre::cli
