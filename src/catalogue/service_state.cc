// What the service keeps beside jobs: servers' luck, pauses, leases, small facts.

#include "base/error.h"
#include "base/utf8.h"
#include "catalogue/job_rows.h"

namespace cofre::catalogue {
namespace {

constexpr size_t kMessageLimit = 4096;  // bytes

struct Lease {
  std::string owner;
  TimePoint until;
};

std::optional<Lease> FindLease(soci::session& session, const std::string& name) {
  Statement statement(session, "SELECT owner, until_ns FROM leases");
  statement.Where(" WHERE name = :name", "name", name).TextColumn().NumberColumn();
  if (!statement.Fetch()) return std::nullopt;
  Lease lease;
  lease.owner = statement.Text();
  lease.until = TimePoint(Duration(statement.Number()));
  return lease;
}

}  // namespace

std::vector<ServerState> Catalogue::ListServerStates() {
  return state_->With([&](soci::session& session) {
    Statement statement(session,
                        "SELECT server, failures, failing_since_ns, paused_until_ns, announced, last_error FROM "
                        "server_states ORDER BY server");
    statement.TextColumn().NumberColumn().NumberColumn().NumberColumn().NumberColumn().TextColumn();
    std::vector<ServerState> states;
    while (statement.Fetch()) {
      ServerState& state = states.emplace_back();
      state.server = statement.Text();
      state.failures = static_cast<int>(statement.Number());
      state.failing_since = ToTime(statement.OptionalNumber());
      state.paused_until = ToTime(statement.OptionalNumber());
      state.announced = statement.Number() != 0;
      state.last_error = statement.Text();
    }
    return states;
  });
}

void Catalogue::PutServerState(const ServerState& state) {
  state_->Write(*this, [&](soci::session& session) {
    RequireServer(session, state.server);
    Statement(session, "DELETE FROM server_states WHERE server = :server").Bind("server", state.server).Run();
    Statement(session,
              "INSERT INTO server_states (server, failures, failing_since_ns, paused_until_ns, announced, last_error) "
              "VALUES (:server, :failures, :failing_since, :paused_until, :announced, :last_error)")
        .Bind("server", state.server)
        .Bind("failures", state.failures)
        .Bind("failing_since", ToNumber(state.failing_since))
        .Bind("paused_until", ToNumber(state.paused_until))
        .Bind("announced", state.announced ? 1 : 0)
        .Bind("last_error", ToValidUtf8(state.last_error, kMessageLimit))
        .Run();
  });
}

bool Catalogue::AddPause(const std::string& server, TimePoint now) {
  return state_->Write(*this, [&](soci::session& session) {
    if (!server.empty()) RequireServer(session, server);
    if (Count(session, "SELECT COUNT(*) FROM pauses WHERE server = :key", server) > 0) return false;
    Statement(session, "INSERT INTO pauses (server, since_ns) VALUES (:server, :since)")
        .Bind("server", server)
        .Bind("since", ToNumber(now))
        .Run();
    return true;
  });
}

bool Catalogue::RemovePause(const std::string& server) {
  return state_->Write(*this, [&](soci::session& session) {
    if (!server.empty()) RequireServer(session, server);
    return Statement(session, "DELETE FROM pauses WHERE server = :server").Bind("server", server).Run() > 0;
  });
}

std::vector<Pause> Catalogue::ListPauses() {
  return state_->With([&](soci::session& session) {
    Statement statement(session, "SELECT server, since_ns FROM pauses ORDER BY server");
    statement.TextColumn().NumberColumn();
    std::vector<Pause> pauses;
    while (statement.Fetch()) {
      Pause& pause = pauses.emplace_back();
      pause.server = statement.Text();
      pause.since = TimePoint(Duration(statement.Number()));
    }
    return pauses;
  });
}

bool Catalogue::TakeLease(const std::string& name, const std::string& owner, TimePoint now, TimePoint until,
                          const MayLive& may_live) {
  return state_->Write(*this, [&](soci::session& session) {
    const auto lease = FindLease(session, name);
    if (lease && lease->owner != owner && lease->until > now && may_live(lease->owner)) return false;
    Statement(session, "DELETE FROM leases WHERE name = :name").Bind("name", name).Run();
    Statement(session, "INSERT INTO leases (name, owner, until_ns) VALUES (:name, :owner, :until)")
        .Bind("name", name)
        .Bind("owner", owner)
        .Bind("until", ToNumber(until))
        .Run();
    return true;
  });
}

void Catalogue::ReleaseLease(const std::string& name, const std::string& owner) {
  state_->Write(*this, [&](soci::session& session) {
    Statement(session, "DELETE FROM leases WHERE name = :name AND owner = :owner")
        .Bind("name", name)
        .Bind("owner", owner)
        .Run();
  });
}

std::optional<std::string> Catalogue::LeaseHolder(const std::string& name, TimePoint now, const MayLive& may_live) {
  const auto lease = state_->With([&](soci::session& session) { return FindLease(session, name); });
  if (!lease || lease->until <= now || !may_live(lease->owner)) return std::nullopt;
  return lease->owner;
}

std::optional<std::string> Catalogue::GetFact(const std::string& name) {
  return state_->With([&](soci::session& session) -> std::optional<std::string> {
    Statement statement(session, "SELECT value FROM facts");
    statement.Where(" WHERE name = :name", "name", name).TextColumn();
    if (!statement.Fetch()) return std::nullopt;
    return statement.Text();
  });
}

void Catalogue::PutFact(const std::string& name, const std::string& value) {
  state_->Write(*this, [&](soci::session& session) {
    Statement(session, "DELETE FROM facts WHERE name = :name").Bind("name", name).Run();
    Statement(session, "INSERT INTO facts (name, value) VALUES (:name, :value)")
        .Bind("name", name)
        .Bind("value", value)
        .Run();
  });
}

}  // namespace cofre::catalogue
