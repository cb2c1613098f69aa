#include "catalogue/job_rows.h"

#include "base/utf8.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kSelect =
    "SELECT id, kind, state, reason, company, fiscal_year, priority, batch, attempt, queued_ns, due_ns, late, "
    "scheduled_day, not_before_ns, pinned_until_ns, started_ns, ended_ns, error_kind, message, bytes, stored_bytes, "
    "snapshot_id, "
    "owner, token, lease_until_ns FROM jobs WHERE 1 = 1";

// In the order of kSelect.
Job ReadJobRow(Statement& row) {
  Job job;
  job.id = row.Number();
  job.kind = ParseJobKind(row.Text());
  job.state = ParseJobState(row.Text());
  job.reason = ParseJobReason(row.Text());
  job.company = row.Text();
  job.fiscal_year = static_cast<int>(row.Number());
  job.priority = static_cast<int>(row.Number());
  job.batch = row.Number();
  job.attempt = static_cast<int>(row.Number());
  job.queued = TimePoint(Duration(row.Number()));
  job.due = ToTime(row.OptionalNumber());
  job.late = row.Number() != 0;
  if (const auto day = row.OptionalNumber()) job.scheduled_day = static_cast<int>(*day);
  job.not_before = TimePoint(Duration(row.Number()));
  job.pinned_until = ToTime(row.OptionalNumber());
  job.started = TimePoint(Duration(row.Number()));
  job.ended = ToTime(row.OptionalNumber());
  job.error_kind = row.Text();
  job.message = row.Text();
  job.bytes = static_cast<uint64_t>(row.Number());
  job.stored_bytes = static_cast<uint64_t>(row.Number());
  job.snapshot_id = row.Text();
  job.owner = row.Text();
  job.token = row.Number();
  job.lease_until = ToTime(row.OptionalNumber());
  return job;
}

}  // namespace

int64_t ToNumber(TimePoint time) { return time.time_since_epoch().count(); }
std::optional<int64_t> ToNumber(std::optional<TimePoint> time) {
  return time ? std::optional<int64_t>(ToNumber(*time)) : std::nullopt;
}
std::optional<TimePoint> ToTime(std::optional<int64_t> number) {
  return number ? std::optional<TimePoint>(TimePoint(Duration(*number))) : std::nullopt;
}

std::string StoredMessage(std::string_view text) { return ToValidUtf8(text, 4096); }

JobQuery::JobQuery(soci::session& session) : statement_(session, kSelect) {
  statement_.NumberColumn().TextColumn().TextColumn().TextColumn().TextColumn();
  for (int i = 0; i < 12; ++i) statement_.NumberColumn();
  statement_.TextColumn().TextColumn().NumberColumn().NumberColumn().TextColumn().TextColumn();
  statement_.NumberColumn().NumberColumn();
}

std::vector<Job> JobQuery::Read() {
  std::vector<Job> jobs;
  while (statement_.Fetch()) jobs.push_back(ReadJobRow(statement_));
  return jobs;
}

int64_t NextNumber(soci::session& session, const std::string& counter) {
  Statement(session, "UPDATE counters SET value = value + 1 WHERE name = :name").Bind("name", counter).Run();
  return Count(session, "SELECT value FROM counters WHERE name = :key", counter);
}

int64_t InsertJob(soci::session& session, Job job) {
  job.id = NextNumber(session, "jobs");
  Statement(session,
            "INSERT INTO jobs (id, kind, state, reason, company, fiscal_year, priority, batch, attempt, queued_ns, "
            "due_ns, late, scheduled_day, not_before_ns, pinned_until_ns, started_ns, error_kind, message, bytes, "
            "snapshot_id, owner) VALUES (:id, "
            ":kind, :state, :reason, :company, :fiscal_year, :priority, :batch, :attempt, :queued, :due, :late, "
            ":scheduled_day, :not_before, :pinned_until, :started, '', '', 0, :snapshot, :owner)")
      .Bind("id", job.id)
      .Bind("kind", std::string(JobKindName(job.kind)))
      .Bind("state", std::string(JobStateName(job.state)))
      .Bind("reason", std::string(JobReasonName(job.reason)))
      .Bind("company", job.company)
      .Bind("fiscal_year", job.fiscal_year)
      .Bind("priority", job.priority)
      .Bind("batch", job.batch)
      .Bind("attempt", job.attempt)
      .Bind("queued", ToNumber(job.queued))
      .Bind("due", ToNumber(job.due))
      .Bind("late", job.late ? 1 : 0)
      .Bind("scheduled_day", job.scheduled_day ? std::optional<int64_t>(*job.scheduled_day) : std::nullopt)
      .Bind("not_before", ToNumber(job.not_before))
      .Bind("pinned_until", ToNumber(job.pinned_until))
      .Bind("started", ToNumber(job.started))
      .Bind("snapshot", job.snapshot_id)
      .Bind("owner", job.owner)
      .Run();
  return job.id;
}

}  // namespace cofre::catalogue
