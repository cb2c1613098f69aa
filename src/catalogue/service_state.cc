// What the service keeps beside jobs: servers' luck, pauses, leases, small facts.

#include "base/error.h"
#include "catalogue/job_rows.h"

namespace cofre::catalogue {
namespace {

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

template <typename Value>
std::optional<Value> First(std::vector<Value> values) {
  return values.empty() ? std::nullopt : std::optional(std::move(values.front()));
}

// Of this server, or of all where it is empty.
std::vector<ServerState> ReadServerStates(soci::session& session, const std::string& server) {
  Statement statement(session,
                      "SELECT server, failures, pauses, failing_since_ns, paused_until_ns, recovered_at_ns, last_error "
                      "FROM server_states");
  if (!server.empty()) statement.Where(" WHERE server = :server", "server", server);
  statement.Append(" ORDER BY server").TextColumn().NumberColumn().NumberColumn();
  statement.NumberColumn().NumberColumn().NumberColumn().TextColumn();
  std::vector<ServerState> states;
  while (statement.Fetch()) {
    ServerState& state = states.emplace_back();
    state.server = statement.Text();
    state.failures = static_cast<uint32_t>(statement.Number());
    state.pauses = static_cast<uint32_t>(statement.Number());
    state.failing_since = ToTime(statement.OptionalNumber());
    state.paused_until = ToTime(statement.OptionalNumber());
    state.recovered_at = ToTime(statement.OptionalNumber());
    state.last_error = statement.Text();
  }
  return states;
}

std::vector<CompanyState> ReadCompanyStates(soci::session& session, const std::string& company) {
  Statement statement(session,
                      "SELECT company, stored_bytes, measured_at_ns, wants_prune_since_ns, pruned_at_ns, "
                      "verified_at_ns, doubt_since_ns FROM company_states");
  if (!company.empty()) statement.Where(" WHERE company = :company", "company", company);
  statement.Append(" ORDER BY company").TextColumn().NumberColumn().NumberColumn();
  statement.NumberColumn().NumberColumn().NumberColumn().NumberColumn();
  std::vector<CompanyState> states;
  while (statement.Fetch()) {
    CompanyState& state = states.emplace_back();
    state.company = statement.Text();
    if (const auto bytes = statement.OptionalNumber()) state.stored_bytes = static_cast<uint64_t>(*bytes);
    state.measured_at = ToTime(statement.OptionalNumber());
    state.wants_prune_since = ToTime(statement.OptionalNumber());
    state.pruned_at = ToTime(statement.OptionalNumber());
    state.verified_at = ToTime(statement.OptionalNumber());
    state.doubt_since = ToTime(statement.OptionalNumber());
  }
  return states;
}

}  // namespace

std::vector<ServerState> Catalogue::ListServerStates() {
  return state_->With([&](soci::session& session) { return ReadServerStates(session, ""); });
}

std::optional<ServerState> Catalogue::FindServerState(const std::string& server) {
  return state_->With([&](soci::session& session) { return First(ReadServerStates(session, server)); });
}

void Catalogue::PutServerState(const ServerState& state) {
  state_->Write(*this, [&](soci::session& session) {
    RequireServer(session, state.server);
    Statement(session, "DELETE FROM server_states WHERE server = :server").Bind("server", state.server).Run();
    Statement(session,
              "INSERT INTO server_states (server, failures, pauses, failing_since_ns, paused_until_ns, "
              "recovered_at_ns, last_error) VALUES (:server, :failures, :pauses, :failing_since, :paused_until, "
              ":recovered_at, :last_error)")
        .Bind("server", state.server)
        .Bind("failures", static_cast<int64_t>(state.failures))
        .Bind("pauses", static_cast<int64_t>(state.pauses))
        .Bind("failing_since", ToNumber(state.failing_since))
        .Bind("paused_until", ToNumber(state.paused_until))
        .Bind("recovered_at", ToNumber(state.recovered_at))
        .Bind("last_error", StoredMessage(state.last_error))
        .Run();
  });
}

std::vector<CompanyState> Catalogue::ListCompanyStates() {
  return state_->With([&](soci::session& session) { return ReadCompanyStates(session, ""); });
}

std::optional<CompanyState> Catalogue::FindCompanyState(const std::string& company) {
  return state_->With([&](soci::session& session) { return First(ReadCompanyStates(session, company)); });
}

void Catalogue::PutCompanyState(const CompanyState& state) {
  state_->Write(*this, [&](soci::session& session) {
    RequireCompany(session, state.company);
    Statement(session, "DELETE FROM company_states WHERE company = :company").Bind("company", state.company).Run();
    const auto bytes =
        state.stored_bytes ? std::optional(static_cast<int64_t>(*state.stored_bytes)) : std::optional<int64_t>();
    Statement(session,
              "INSERT INTO company_states (company, stored_bytes, measured_at_ns, wants_prune_since_ns, pruned_at_ns, "
              "verified_at_ns, doubt_since_ns) VALUES (:company, :stored_bytes, :measured_at, :wants_prune_since, "
              ":pruned_at, :verified_at, :doubt_since)")
        .Bind("company", state.company)
        .Bind("stored_bytes", bytes)
        .Bind("measured_at", ToNumber(state.measured_at))
        .Bind("wants_prune_since", ToNumber(state.wants_prune_since))
        .Bind("pruned_at", ToNumber(state.pruned_at))
        .Bind("verified_at", ToNumber(state.verified_at))
        .Bind("doubt_since", ToNumber(state.doubt_since))
        .Run();
    NoteChange(session, state.company);
  });
}

std::vector<DatabaseState> Catalogue::ListDatabaseStates(const std::string& company) {
  return state_->With([&](soci::session& session) {
    Statement statement(session,
                        "SELECT company, fiscal_year, known_since_ns, changed_at_ns, fingerprint, outcome, attempt, "
                        "started_ns, ended_ns, scheduled_day, seen_ns, vanished_ns FROM database_states");
    if (!company.empty()) statement.Where(" WHERE company = :company", "company", company);
    statement.Append(" ORDER BY company, fiscal_year");
    statement.TextColumn().NumberColumn().NumberColumn().NumberColumn().NumberColumn().TextColumn().NumberColumn();
    statement.NumberColumn().NumberColumn().NumberColumn().NumberColumn().NumberColumn();
    std::vector<DatabaseState> states;
    while (statement.Fetch()) {
      DatabaseState& state = states.emplace_back();
      state.company = statement.Text();
      state.fiscal_year = static_cast<int>(statement.Number());
      state.known_since = TimePoint(Duration(statement.Number()));
      state.changed_at = ToTime(statement.OptionalNumber());
      state.fingerprint = static_cast<uint64_t>(statement.Number());
      state.outcome = statement.Text();
      state.attempt = static_cast<int>(statement.Number());
      state.started = ToTime(statement.OptionalNumber());
      state.ended = ToTime(statement.OptionalNumber());
      if (const auto day = statement.OptionalNumber()) state.scheduled_day = static_cast<int>(*day);
      state.seen_at = ToTime(statement.OptionalNumber());
      state.vanished_at = ToTime(statement.OptionalNumber());
    }
    return states;
  });
}

void Catalogue::PutDatabaseChange(const DatabaseState& state) {
  state_->Write(*this, [&](soci::session& session) {
    RequireDatabase(session, state.company, state.fiscal_year);
    Statement(session,
              "UPDATE database_states SET changed_at_ns = :changed_at, fingerprint = :fingerprint WHERE company = "
              ":company AND fiscal_year = :fiscal_year")
        .Bind("changed_at", ToNumber(state.changed_at))
        .Bind("fingerprint", static_cast<int64_t>(state.fingerprint))
        .Bind("company", state.company)
        .Bind("fiscal_year", state.fiscal_year)
        .Run();
  });
}

void Catalogue::PutDatabaseSighting(const DatabaseState& state) {
  state_->Write(*this, [&](soci::session& session) {
    RequireDatabase(session, state.company, state.fiscal_year);
    Statement(session,
              "UPDATE database_states SET seen_ns = :seen, vanished_ns = :vanished WHERE company = :company AND "
              "fiscal_year = :fiscal_year")
        .Bind("seen", ToNumber(state.seen_at))
        .Bind("vanished", ToNumber(state.vanished_at))
        .Bind("company", state.company)
        .Bind("fiscal_year", state.fiscal_year)
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
    Announce(session);
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
