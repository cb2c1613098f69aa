#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "catalogue/job_rows.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

std::optional<Job> FindQueued(soci::session& session, const Job& like) {
  JobQuery query(session);
  query.Where(" AND state = 'queued' AND company = :company", "company", like.company);
  query.Where(" AND fiscal_year = :fiscal_year", "fiscal_year", like.fiscal_year);
  query.Where(" AND kind = :kind", "kind", std::string(JobKindName(like.kind)));
  // Of exports alone: each is of one backup.
  if (like.kind == JobKind::kExport) query.Where(" AND snapshot_id = :snapshot", "snapshot", like.snapshot_id);
  std::vector<Job> found = query.Read();
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

int64_t Merge(soci::session& session, Job queued, const Job& asked) {
  if (asked.priority < queued.priority) {
    queued.priority = asked.priority;
    queued.reason = asked.reason;
  }
  queued.not_before = std::min(queued.not_before, asked.not_before);
  if (asked.pinned_until) queued.pinned_until = std::max(queued.pinned_until, asked.pinned_until);
  Statement(session,
            "UPDATE jobs SET priority = :priority, reason = :reason, not_before_ns = :not_before, "
            "pinned_until_ns = :pinned_until WHERE id = :id")
      .Bind("priority", queued.priority)
      .Bind("reason", std::string(JobReasonName(queued.reason)))
      .Bind("not_before", ToNumber(queued.not_before))
      .Bind("pinned_until", ToNumber(queued.pinned_until))
      .Bind("id", queued.id)
      .Run();
  return queued.id;
}

// One export at a time: anybody may ask for some, and the other workers stay for backups. Restores read only and may
// take hours: they keep no backup from its turn. A server that failed again and again is tried with one backup at a
// time, also of those that were queued before.
constexpr const char* kMayRun =
    " AND state = 'queued' AND company NOT IN (SELECT r.company FROM jobs r WHERE r.state = 'running' AND r.kind NOT "
    "IN ('restore', 'export')) AND (kind <> 'export' OR NOT EXISTS (SELECT 1 FROM jobs r WHERE r.state = 'running' AND "
    "r.kind = 'export')) AND company IN (SELECT c.id FROM companies c) AND (kind <> 'backup' OR (SELECT COUNT(*) "
    "FROM jobs r JOIN companies rc ON rc.id = r.company JOIN companies c ON c.server = rc.server WHERE r.state = "
    "'running' AND r.kind = 'backup' AND c.id = jobs.company) < (SELECT CASE WHEN jobs.reason <> 'manual' AND EXISTS "
    "(SELECT 1 FROM server_states st WHERE st.server = s.name AND st.pauses > 0) THEN 1 ELSE s.max_concurrent END "
    "FROM servers s JOIN companies c ON c.server = s.name WHERE c.id = jobs.company)) AND (reason = 'manual' OR (NOT "
    "EXISTS (SELECT 1 FROM pauses "
    "WHERE server = '') AND (kind <> 'backup' OR NOT EXISTS (SELECT 1 FROM pauses p JOIN companies c ON c.server = "
    "p.server WHERE c.id = jobs.company))))";

std::optional<Job> FindClaimable(soci::session& session, const ClaimRequest& request) {
  const TimePoint now = request.now;
  JobQuery query(session);
  query.Append(kMayRun);
  query.Where(" AND not_before_ns <= :now", "now", ToNumber(now));
  query.Where(
      " AND (kind NOT IN ('backup', 'drill') OR NOT EXISTS (SELECT 1 FROM server_nodes b JOIN companies c ON c.server "
      "= b.server WHERE c.id = jobs.company) OR EXISTS (SELECT 1 FROM server_nodes b JOIN companies c ON c.server = "
      "b.server WHERE c.id = jobs.company AND b.node = :node))",
      "node", request.node);
  query.Where(
      " AND (reason = 'manual' OR kind <> 'backup' OR NOT EXISTS (SELECT 1 FROM server_states st JOIN companies c ON "
      "c.server = st.server WHERE c.id = jobs.company AND st.paused_until_ns > :left_alone))",
      "left_alone", ToNumber(now));
  query.Append(" ORDER BY priority, id LIMIT 1");
  std::vector<Job> found = query.Read();
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

int64_t Catalogue::EnqueueJob(const Job& job) {
  Job stored = job;
  stored.state = JobState::kQueued;
  stored.owner.clear();
  stored.started = {};
  RequireValid(stored);
  return state_->Write(*this, [&](soci::session& session) {
    RequireCompany(session, job.company);
    Announce(session);
    if (auto queued = FindQueued(session, stored)) return Merge(session, *std::move(queued), stored);
    return InsertJob(session, stored);
  });
}

int64_t Catalogue::NewestBatch() {
  return state_->With([&](soci::session& session) {
    Statement statement(session, "SELECT COALESCE(MAX(batch), 0) FROM jobs");
    statement.NumberColumn().Fetch();
    return statement.Number();
  });
}

std::optional<Job> Catalogue::ClaimJob(const ClaimRequest& request) {
  // A look first: most of the time there is nothing, and looking keeps no other process from writing.
  if (!state_->With([&](soci::session& session) { return FindClaimable(session, request).has_value(); })) {
    return std::nullopt;
  }
  return state_->Write(*this, [&](soci::session& session) {
    std::optional<Job> job = FindClaimable(session, request);
    if (!job) return job;
    job->state = JobState::kRunning;
    job->owner = request.owner;
    job->started = request.clock != nullptr ? std::max(request.now, request.clock->Now()) : request.now;
    job->token = NextNumber(session, "tokens");
    job->lease_until = request.lease_until + (job->started - request.now);
    Statement(session,
              "UPDATE jobs SET state = 'running', owner = :owner, started_ns = :started, token = :token, "
              "lease_until_ns = :lease_until WHERE id = :id")
        .Bind("owner", job->owner)
        .Bind("started", ToNumber(job->started))
        .Bind("token", job->token)
        .Bind("lease_until", ToNumber(job->lease_until))
        .Bind("id", job->id)
        .Run();
    return job;
  });
}

bool Catalogue::RenewJob(int64_t id, int64_t token, TimePoint lease_until, uint64_t bytes) {
  return state_->Write(*this, [&](soci::session& session) {
    return Statement(session,
                     "UPDATE jobs SET lease_until_ns = :lease_until, bytes = :bytes WHERE id = :id AND token = :token "
                     "AND state = 'running'")
               .Bind("lease_until", ToNumber(lease_until))
               .Bind("bytes", static_cast<int64_t>(bytes))
               .Bind("id", id)
               .Bind("token", token)
               .Run() > 0;
  });
}

void Catalogue::RequireClaim(int64_t id, int64_t token) {
  state_->Run([&](soci::session& session) {
    Statement statement(session, "SELECT COUNT(*) FROM jobs WHERE state = 'running'");
    statement.Where(" AND id = :id", "id", id).Where(" AND token = :token", "token", token).NumberColumn().Fetch();
    if (statement.Number() > 0) return;
    throw Error(ErrorKind::kTransient, fmt::format("job {} is no longer this process's", id),
                "it was silent for too long, and another one has taken over: nothing more is changed");
  });
}

void Catalogue::RequeueJob(int64_t id, int64_t token, TimePoint not_before) {
  Transaction transaction(*this);
  const Job job = GetJob(id);
  const bool stands = state_->With([&](soci::session& session) { return FindQueued(session, job).has_value(); });
  if (stands) {
    FinishJob(id, {.state = JobState::kInterrupted, .ended = not_before, .message = "queued anew meanwhile"}, token);
  } else {
    state_->Run([&](soci::session& session) {
      const int64_t changed =
          Statement(session,
                    "UPDATE jobs SET state = 'queued', owner = '', token = 0, started_ns = 0, lease_until_ns = NULL, "
                    "not_before_ns = :not_before WHERE id = :id AND token = :token AND state = 'running'")
              .Bind("not_before", ToNumber(not_before))
              .Bind("id", id)
              .Bind("token", token)
              .Run();
      if (changed == 0) throw Error(ErrorKind::kNotFound, fmt::format("no job {} is running by this claim", id));
    });
  }
  transaction.Commit();
}

bool Catalogue::CancelQueuedJob(int64_t id, TimePoint now, const std::string& message) {
  return state_->Write(*this, [&](soci::session& session) {
    return Statement(session,
                     "UPDATE jobs SET state = 'interrupted', ended_ns = :ended, message = :message WHERE id = :id AND "
                     "state = 'queued'")
               .Bind("ended", ToNumber(now))
               .Bind("message", StoredMessage(message))
               .Bind("id", id)
               .Run() > 0;
  });
}

std::optional<TimePoint> Catalogue::NextQueuedTime(TimePoint after) {
  return state_->With([&](soci::session& session) {
    Statement statement(session, "SELECT MIN(not_before_ns) FROM jobs WHERE state = 'queued'");
    statement.Where(" AND not_before_ns > :after", "after", ToNumber(after)).NumberColumn();
    statement.Fetch();
    return ToTime(statement.OptionalNumber());
  });
}

}  // namespace cofre::catalogue
