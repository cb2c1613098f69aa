#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "catalogue/state.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kColumns =
    "SELECT id, kind, state, company, fiscal_year, started_ns, ended_ns, error_kind, message, bytes, owner FROM jobs";
constexpr size_t kMessageLimit = 4096;  // bytes

Statement& AddColumns(Statement& statement) {
  statement.NumberColumn().TextColumn().TextColumn().TextColumn().NumberColumn().NumberColumn().NumberColumn();
  return statement.TextColumn().TextColumn().NumberColumn().TextColumn();
}

Job ReadRow(Statement& row) {
  Job job;
  job.id = row.Number();
  job.kind = ParseJobKind(row.Text());
  job.state = ParseJobState(row.Text());
  job.company = row.Text();
  job.fiscal_year = static_cast<int>(row.Number());
  job.started = TimePoint(Duration(row.Number()));
  if (const auto ended = row.OptionalNumber()) job.ended = TimePoint(Duration(*ended));
  job.error_kind = row.Text();
  job.message = row.Text();
  job.bytes = static_cast<uint64_t>(row.Number());
  job.owner = row.Text();
  return job;
}

// Not the engine's own numbering, which each engine does in its way, and which may give a number twice.
int64_t NextId(soci::session& session) {
  Statement(session, "UPDATE counters SET value = value + 1 WHERE name = 'jobs'").Run();
  return Count(session, "SELECT value FROM counters WHERE name = :key", "jobs");
}

// Whether a running job was there to be ended.
bool Finish(soci::session& session, int64_t id, const JobOutcome& outcome) {
  return Statement(session,
                   "UPDATE jobs SET state = :state, ended_ns = :ended_ns, error_kind = :error_kind, "
                   "message = :message, bytes = :bytes WHERE id = :id AND state = 'running'")
             .Bind("state", std::string(JobStateName(outcome.state)))
             .Bind("ended_ns", outcome.ended.time_since_epoch().count())
             .Bind("error_kind", outcome.error_kind)
             .Bind("message", ToValidUtf8(outcome.message, kMessageLimit))
             .Bind("bytes", static_cast<int64_t>(outcome.bytes))
             .Bind("id", id)
             .Run() > 0;
}

std::vector<Job> List(soci::session& session, const JobFilter& filter, size_t limit) {
  Statement statement(session, kColumns);
  statement.Append(" WHERE 1 = 1");
  if (!filter.company.empty()) statement.Where(" AND company = :company", "company", filter.company);
  if (filter.fiscal_year) statement.Where(" AND fiscal_year = :fiscal_year", "fiscal_year", *filter.fiscal_year);
  if (filter.kind) statement.Where(" AND kind = :kind", "kind", std::string(JobKindName(*filter.kind)));
  if (filter.state) statement.Where(" AND state = :state", "state", std::string(JobStateName(*filter.state)));
  const auto most = static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX));
  AddColumns(statement.Where(" ORDER BY id DESC LIMIT :most", "most", most));
  std::vector<Job> jobs;
  while (statement.Fetch()) jobs.push_back(ReadRow(statement));
  return jobs;
}

}  // namespace

int64_t Catalogue::StartJob(const Job& job) {
  RequireValid(job);
  return state_->Write(*this, [&](soci::session& session) {
    const int64_t id = NextId(session);
    Statement(session,
              "INSERT INTO jobs (id, kind, state, company, fiscal_year, started_ns, error_kind, message, bytes, owner) "
              "VALUES (:id, :kind, 'running', :company, :fiscal_year, :started_ns, '', '', 0, :owner)")
        .Bind("id", id)
        .Bind("kind", std::string(JobKindName(job.kind)))
        .Bind("company", job.company)
        .Bind("fiscal_year", job.fiscal_year)
        .Bind("started_ns", job.started.time_since_epoch().count())
        .Bind("owner", job.owner)
        .Run();
    return id;
  });
}

void Catalogue::FinishJob(int64_t id, const JobOutcome& outcome) {
  if (outcome.state == JobState::kRunning) throw Error(ErrorKind::kUsage, "a job can't end as running");
  state_->Write(*this, [&](soci::session& session) {
    if (!Finish(session, id, outcome)) throw Error(ErrorKind::kNotFound, fmt::format("no job {} is running", id));
  });
}

std::vector<Job> Catalogue::MarkRunningJobsInterrupted(const std::function<bool(const std::string& owner)>& is_alive,
                                                       TimePoint now) {
  return state_->Write(*this, [&](soci::session& session) {
    std::vector<Job> interrupted;
    for (Job& job : List(session, {.state = JobState::kRunning}, SIZE_MAX)) {
      if (is_alive(job.owner)) continue;
      JobOutcome outcome{.state = JobState::kInterrupted, .ended = now};
      outcome.message = "the process that did it ended without a word";
      Finish(session, job.id, outcome);
      job.state = outcome.state;
      job.ended = outcome.ended;
      job.message = outcome.message;
      interrupted.push_back(std::move(job));
    }
    return interrupted;
  });
}

std::vector<Job> Catalogue::ListJobs(const JobFilter& filter, size_t limit) {
  return state_->With([&](soci::session& session) { return List(session, filter, limit); });
}

}  // namespace cofre::catalogue
