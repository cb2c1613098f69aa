#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
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

std::string YearText(int fiscal_year) { return fiscal_year == 0 ? "all" : std::to_string(fiscal_year); }

void SayMore(Session& session, size_t shown, size_t all) {
  if (all > shown) session.Say(fmt::format("... and {} more: --limit", all - shown));
}

// A row's beginning is the same for all jobs: number, kind, company, name, year. `more` are the columns after it, and
// `cells` what stands in them.
int ShowJobs(Session& session, const InspectOptions& options, std::vector<Job> jobs, std::vector<Column> more,
             const std::function<std::vector<std::string>(const Job&)>& cells) {
  const size_t all = jobs.size();
  jobs.resize(std::min(all, LimitOf(options)));
  if (session.json) {
    session.PrintJson(service::ToJson(jobs));
    return 0;
  }
  auto names = session.CompanyNames();
  std::vector<Column> columns{{"job", Align::kRight}, {"kind"}, {"company"}, {"name"}, {"year", Align::kRight}};
  std::ranges::move(more, std::back_inserter(columns));
  Table table(std::move(columns));
  for (const Job& job : jobs) {
    std::vector<std::string> row{std::to_string(job.id), std::string(JobKindName(job.kind)), job.company,
                                 names[job.company], YearText(job.fiscal_year)};
    std::ranges::move(cells(job), std::back_inserter(row));
    table.AddRow(std::move(row));
  }
  session.Print(table.Format());
  SayMore(session, jobs.size(), all);
  return 0;
}

int RunActive(Session& session, const InspectOptions& options) {
  const TimePoint now = session.clock().Now();
  return ShowJobs(
      session, options, service::RunningJobs(session.catalogue()),
      {{"since"}, {"bytes", Align::kRight}, {"a second", Align::kRight}, {"try", Align::kRight}, {"process"}},
      [&](const Job& job) -> std::vector<std::string> {
        const double seconds = std::max(std::chrono::duration<double>(now - job.started).count(), 1.0);
        return {session.FormatLocal(job.started), HumanBytes(job.bytes),
                HumanBytes(static_cast<uint64_t>(static_cast<double>(job.bytes) / seconds)),
                std::to_string(job.attempt), job.owner};
      });
}

int RunReserved(Session& session, const InspectOptions& options) {
  return ShowJobs(session, options, service::QueuedJobs(session.catalogue()),
                  {{"why"}, {"batch", Align::kRight}, {"queued"}, {"not before"}, {"late"}, {"try", Align::kRight}},
                  [&](const Job& job) -> std::vector<std::string> {
                    return {std::string(JobReasonName(job.reason)),
                            job.batch == 0 ? "" : std::to_string(job.batch),
                            session.FormatLocal(job.queued),
                            job.not_before > job.queued ? session.FormatLocal(job.not_before) : "",
                            job.late ? "late" : "",
                            std::to_string(job.attempt)};
                  });
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
  auto names = session.CompanyNames();
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
