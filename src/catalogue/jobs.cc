#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "catalogue/job_rows.h"
#include "catalogue/state.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

std::optional<Job> Find(soci::session& session, int64_t id) {
  JobQuery query(session);
  query.Where(" AND id = :id", "id", id);
  std::vector<Job> jobs = query.Read();
  return jobs.empty() ? std::nullopt : std::optional(std::move(jobs.front()));
}

std::string OutcomeWord(const JobOutcome& outcome) {
  if (outcome.state == JobState::kDone) return "done";
  return outcome.state == JobState::kFailed ? outcome.error_kind : "interrupted";
}

// Keeps the last attempt at a database, unless the database is no longer registered.
void NoteAttempt(soci::session& session, const Job& job, const JobOutcome& outcome) {
  if (job.kind != JobKind::kBackup) return;
  NoteChange(session, job.company);
  Statement(session,
            "UPDATE database_states SET outcome = :outcome, attempt = :attempt, started_ns = :started, ended_ns = "
            ":ended WHERE company = :company AND fiscal_year = :fiscal_year")
      .Bind("outcome", OutcomeWord(outcome))
      // By hand is no attempt of the plan's.
      .Bind("attempt", job.reason == JobReason::kManual ? 0 : job.attempt)
      .Bind("started", ToNumber(job.started))
      .Bind("ended", ToNumber(outcome.ended))
      .Bind("company", job.company)
      .Bind("fiscal_year", job.fiscal_year)
      .Run();
  if (outcome.state != JobState::kDone || !job.scheduled_day) return;
  Statement(session,
            "UPDATE database_states SET scheduled_day = :day WHERE company = :company AND fiscal_year = :fiscal_year "
            "AND COALESCE(scheduled_day, -1000000) < :newer_than")
      .Bind("day", *job.scheduled_day)
      .Bind("company", job.company)
      .Bind("fiscal_year", job.fiscal_year)
      .Bind("newer_than", *job.scheduled_day)
      .Run();
}

// Whether a running job was there to be ended.
bool Finish(soci::session& session, int64_t id, const JobOutcome& outcome, int64_t token) {
  const std::optional<Job> job = Find(session, id);
  if (!job || job->state != JobState::kRunning || job->token != token) return false;
  Statement(session,
            "UPDATE jobs SET state = :state, ended_ns = :ended_ns, error_kind = :error_kind, message = :message, bytes "
            "= :bytes, stored_bytes = :stored_bytes, snapshot_id = :snapshot_id, lease_until_ns = NULL WHERE id = :id")
      .Bind("state", std::string(JobStateName(outcome.state)))
      .Bind("ended_ns", ToNumber(outcome.ended))
      .Bind("error_kind", outcome.error_kind)
      .Bind("message", StoredMessage(outcome.message))
      .Bind("bytes", static_cast<int64_t>(outcome.bytes))
      .Bind("stored_bytes", static_cast<int64_t>(outcome.stored_bytes))
      .Bind("snapshot_id", outcome.snapshot_id.empty() ? job->snapshot_id : outcome.snapshot_id)
      .Bind("id", id)
      .Run();
  NoteAttempt(session, *job, outcome);
  Announce(session);
  return true;
}

std::vector<Job> List(soci::session& session, const JobFilter& filter, size_t limit) {
  JobQuery query(session);
  if (!filter.company.empty()) query.Where(" AND company = :company", "company", filter.company);
  if (filter.fiscal_year) query.Where(" AND fiscal_year = :fiscal_year", "fiscal_year", *filter.fiscal_year);
  if (filter.kind) query.Where(" AND kind = :kind", "kind", std::string(JobKindName(*filter.kind)));
  if (filter.state) query.Where(" AND state = :state", "state", std::string(JobStateName(*filter.state)));
  if (filter.reason) query.Where(" AND reason = :reason", "reason", std::string(JobReasonName(*filter.reason)));
  if (!filter.server.empty()) {
    query.Where(" AND company IN (SELECT id FROM companies WHERE server = :server)", "server", filter.server);
  }
  if (filter.ended_since) query.Where(" AND ended_ns >= :ended", "ended", ToNumber(*filter.ended_since));
  if (filter.started_since) query.Where(" AND started_ns >= :started", "started", ToNumber(*filter.started_since));
  if (filter.started_since) query.Append(" AND state <> 'queued'");
  if (filter.queued_since) query.Where(" AND queued_ns >= :queued", "queued", ToNumber(*filter.queued_since));
  if (filter.batch) query.Where(" AND batch = :batch", "batch", *filter.batch);
  if (filter.before) query.Where(" AND id < :before", "before", *filter.before);
  const auto most = static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX));
  // Since a time: "+ 0" keeps SQLite from walking the whole history by its ids to spare itself the sorting of a few.
  const bool since = filter.ended_since || filter.started_since || filter.queued_since;
  query.Where(since ? " ORDER BY id + 0 DESC LIMIT :most" : " ORDER BY id DESC LIMIT :most", "most", most);
  return query.Read();
}

// What a process that went in the middle leaves: nobody knows what it last wrote.
void NoteDoubt(soci::session& session, const Job& job, TimePoint now) {
  if (job.kind != JobKind::kBackup && job.kind != JobKind::kPrune) return;
  if (Count(session, "SELECT COUNT(*) FROM companies WHERE id = :key", job.company) == 0) return;
  if (Count(session, "SELECT COUNT(*) FROM company_states WHERE company = :key", job.company) == 0) {
    Statement(session, "INSERT INTO company_states (company) VALUES (:company)").Bind("company", job.company).Run();
  }
  Statement(session, "UPDATE company_states SET doubt_since_ns = :now WHERE company = :company")
      .Bind("now", ToNumber(now))
      .Bind("company", job.company)
      .Run();
}

// Of jobs without a lease, those of the command line, that a machine began which nothing is heard of.
constexpr std::chrono::hours kLongestUnleased(24);

bool IsGone(const Job& job, TimePoint now, const MayLive& may_live, const MayLive& lives) {
  if (!may_live(job.owner)) return true;
  if (!job.lease_until) return job.started + kLongestUnleased <= now && !(lives && lives(job.owner));
  return *job.lease_until <= now && !(lives && lives(job.owner));
}

}  // namespace

int64_t Catalogue::StartJob(const Job& job) {
  RequireValid(job);
  return state_->Write(*this, [&](soci::session& session) {
    Job stored = job;
    stored.state = JobState::kRunning;
    stored.queued = job.started;
    stored.token = 0;
    return InsertJob(session, std::move(stored));
  });
}

void Catalogue::FinishJob(int64_t id, const JobOutcome& outcome, int64_t token) {
  if (outcome.state == JobState::kRunning || outcome.state == JobState::kQueued) {
    throw Error(ErrorKind::kUsage, fmt::format("a job can't end as {}", JobStateName(outcome.state)));
  }
  state_->Write(*this, [&](soci::session& session) {
    if (Finish(session, id, outcome, token)) return;
    throw Error(ErrorKind::kNotFound, fmt::format("no job {} is running by this claim", id));
  });
}

std::vector<Job> Catalogue::MarkRunningJobsInterrupted(const MayLive& may_live, TimePoint now, const MayLive& lives) {
  return state_->Write(*this, [&](soci::session& session) {
    std::vector<Job> interrupted;
    for (Job& job : List(session, {.state = JobState::kRunning}, SIZE_MAX)) {
      if (!IsGone(job, now, may_live, lives)) continue;
      JobOutcome outcome{.state = JobState::kInterrupted, .ended = now};
      outcome.message = "the process that did it ended without a word";
      outcome.bytes = job.bytes;
      Finish(session, job.id, outcome, job.token);
      NoteDoubt(session, job, now);
      job.state = outcome.state;
      job.ended = outcome.ended;
      job.message = outcome.message;
      job.lease_until.reset();
      interrupted.push_back(std::move(job));
    }
    return interrupted;
  });
}

std::vector<Job> Catalogue::ListJobs(const JobFilter& filter, size_t limit) {
  return state_->With([&](soci::session& session) { return List(session, filter, limit); });
}

Job Catalogue::GetJob(int64_t id) {
  return state_->With([&](soci::session& session) {
    auto job = Find(session, id);
    if (!job) throw Error(ErrorKind::kNotFound, fmt::format("there is no job {}", id), "cofre history lists them");
    return *std::move(job);
  });
}

size_t Catalogue::RemoveJobsEndedBefore(TimePoint time, size_t limit) {
  return state_->Write(*this, [&](soci::session& session) {
    // Each condition is asked of one row, so that PostgreSQL walks the index from the oldest and stops at the limit;
    // what it takes for a join ("NOT EXISTS" of backups) has it read all jobs and all backups.
    const int64_t removed =
        Statement(
            session,
            "DELETE FROM jobs WHERE id IN (SELECT j.id FROM jobs j WHERE j.ended_ns < :time AND (j.batch = 0 OR "
            "j.batch < (SELECT MAX(m.batch) FROM jobs m)) AND (SELECT COUNT(*) FROM backups b WHERE "
            "b.snapshot_id = j.snapshot_id) < 1 AND (EXISTS (SELECT 1 FROM jobs n WHERE n.company = j.company AND "
            "n.id > j.id AND n.fiscal_year = j.fiscal_year AND n.kind = j.kind AND n.ended_ns IS NOT NULL) OR "
            "NOT EXISTS (SELECT 1 FROM companies c WHERE c.id = j.company)) ORDER BY j.ended_ns LIMIT :most)")
            .Bind("time", ToNumber(time))
            .Bind("most", static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX)))
            .Run();
    return static_cast<size_t>(removed);
  });
}

}  // namespace cofre::catalogue
