#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct HistoryOptions {
  std::optional<std::string> company;
  std::optional<std::string> company_option;
  std::optional<std::string> year;
  std::optional<std::string> kind;
  std::optional<std::string> state;
  std::optional<std::string> since;
  std::optional<std::string> limit;
};

catalogue::JobFilter FilterOf(Session& session, const HistoryOptions& options) {
  catalogue::JobFilter filter;
  if (options.company && options.company_option) {
    throw Error(ErrorKind::kUsage, "the company is named twice", "COMPANY and --company are the same");
  }
  const auto& company = options.company ? options.company : options.company_option;
  // Also of a company that is gone: jobs outlive it.
  if (company) filter.company = ParseCompanyId(*company);
  if (options.year) filter.fiscal_year = ParseFiscalYear(*options.year);
  if (options.kind) filter.kind = ParseJobKind(*options.kind);
  if (options.state) filter.state = ParseJobState(*options.state);
  if (options.since) filter.started_since = ParseSince(*options.since, session.zone(), session.clock().Now());
  return filter;
}

int RunHistory(Session& session, const HistoryOptions& options) {
  const size_t limit = options.limit ? ParseNumber(*options.limit, "--limit", 1, 1'000'000) : 50;
  const std::vector<Job> jobs = session.catalogue().ListJobs(FilterOf(session, options), limit);
  if (session.json) {
    session.PrintJson(service::ToJson(jobs));
    return 0;
  }
  auto names = session.CompanyNames();
  Table table({{"job", Align::kRight},
               {"kind"},
               {"state"},
               {"company"},
               {"name"},
               {"year", Align::kRight},
               {"began"},
               {"took", Align::kRight},
               {"bytes", Align::kRight},
               {"stored", Align::kRight},
               {"why"},
               {"error"}});
  for (const Job& job : jobs) {
    const bool has_begun = job.started != TimePoint{};
    const Duration took =
        job.ended && has_begun ? std::max<Duration>(*job.ended - job.started, Duration(0)) : Duration(0);
    table.AddRow({std::to_string(job.id), std::string(JobKindName(job.kind)), std::string(JobStateName(job.state)),
                  job.company, names[job.company], job.fiscal_year == 0 ? "all" : std::to_string(job.fiscal_year),
                  has_begun ? session.FormatLocal(job.started) : "", job.ended && has_begun ? FormatSeconds(took) : "",
                  HumanBytes(job.bytes), HumanBytes(job.stored_bytes), std::string(JobReasonName(job.reason)),
                  job.message.substr(0, 120)});
  }
  session.Print(table.Format());
  if (jobs.size() == limit) session.Say("there may be more: --limit, --since");
  return 0;
}

}  // namespace

Command HistoryCommand() {
  auto options = std::make_shared<HistoryOptions>();
  return {
      .name = "history",
      .summary = "List jobs of all kinds, the newest first",
      .details = "",
      .examples = {{"cofre history", "the last 50"},
                   {"cofre history 900869750 --year 2026", "of one database"},
                   {"cofre history --state failed --since 24h", "what went wrong last night"}},
      .arguments = {{"COMPANY", "only its jobs", &options->company}},
      .options = {{"--company", "COMPANY", "the same as COMPANY", &options->company_option},
                  {"--year", "YEAR", "only this fiscal year", &options->year},
                  {"--kind", "KIND", "backup, verify, prune, restore, export, drill", &options->kind},
                  {"--state", "STATE", "queued, running, done, failed, interrupted", &options->state},
                  {"--since", "TIME", "begun since then: 24h, 7d, 2026-11-24, '2026-11-24 18:00'", &options->since},
                  {"--limit", "N", "at most so many (50)", &options->limit}},
      .run = [options](Session& session) { return RunHistory(session, *options); },
  };
}

}  // namespace cofre::cli
