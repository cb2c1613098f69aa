// The log of changes, and the keys that requests bear.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/utf8.h"
#include "catalogue/accounts.h"
#include "catalogue/job_rows.h"
#include "catalogue/state.h"

namespace cofre::catalogue {
namespace {

constexpr size_t kDetailLimit = 16384;  // bytes, of before and after

}  // namespace

int64_t Accounts::AddAudit(const AuditEntry& entry) {
  return catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    const int64_t id = NextNumber(session, "audit");
    Statement(session,
              "INSERT INTO audit (id, time_ns, user_name, way, address, action, subject, before_json, after_json) "
              "VALUES (:id, :time, :user, :way, :address, :action, :subject, :before, :after)")
        .Bind("id", id)
        .Bind("time", ToNumber(entry.time))
        .Bind("user", entry.user)
        .Bind("way", entry.way)
        .Bind("address", entry.address)
        .Bind("action", entry.action)
        .Bind("subject", entry.subject)
        .Bind("before", ToValidUtf8(entry.before, kDetailLimit))
        .Bind("after", ToValidUtf8(entry.after, kDetailLimit))
        .Run();
    return id;
  });
}

std::vector<AuditEntry> Accounts::ListAudit(const AuditFilter& filter, size_t limit) {
  return catalogue_.state_->With([&](soci::session& session) {
    Statement statement(session,
                        "SELECT id, time_ns, user_name, way, address, action, subject, before_json, after_json FROM "
                        "audit WHERE 1 = 1");
    if (!filter.user.empty()) statement.Where(" AND user_name = :user", "user", filter.user);
    if (!filter.subject.empty()) statement.Where(" AND subject = :subject", "subject", filter.subject);
    if (!filter.action.empty()) {
      statement.Where(" AND SUBSTR(action, 1, :length) = ", "length", static_cast<int64_t>(filter.action.size()));
      statement.Where(":action", "action", filter.action);
    }
    if (filter.since) statement.Where(" AND time_ns >= :since", "since", ToNumber(*filter.since));
    if (filter.before) statement.Where(" AND id < :before", "before", *filter.before);
    statement.Where(" ORDER BY id DESC LIMIT :most", "most", static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX)));
    statement.NumberColumn().NumberColumn().TextColumn().TextColumn().TextColumn().TextColumn().TextColumn();
    statement.TextColumn().TextColumn();
    std::vector<AuditEntry> entries;
    while (statement.Fetch()) {
      AuditEntry& entry = entries.emplace_back();
      entry.id = statement.Number();
      entry.time = TimePoint(Duration(statement.Number()));
      entry.user = statement.Text();
      entry.way = statement.Text();
      entry.address = statement.Text();
      entry.action = statement.Text();
      entry.subject = statement.Text();
      entry.before = statement.Text();
      entry.after = statement.Text();
    }
    return entries;
  });
}

std::optional<std::vector<int64_t>> Accounts::FindRequest(const std::string& user, const std::string& key,
                                                          const std::string& request) {
  return catalogue_.state_->With([&](soci::session& session) -> std::optional<std::vector<int64_t>> {
    Statement statement(session, "SELECT request, jobs FROM idempotency_keys");
    statement.Where(" WHERE user_name = :user", "user", user).Where(" AND request_key = :key", "key", key);
    statement.TextColumn().TextColumn();
    if (!statement.Fetch()) return std::nullopt;
    if (statement.Text() != request) {
      throw Error(ErrorKind::kUsage, "this Idempotency-Key stood for another request", "give each request its own");
    }
    std::vector<int64_t> jobs;
    std::istringstream ids(statement.Text());
    for (std::string id; std::getline(ids, id, ',');) jobs.push_back(std::stoll(id));
    return jobs;
  });
}

void Accounts::AddRequest(const std::string& user, const std::string& key, const std::string& request,
                          const std::vector<int64_t>& jobs, TimePoint at) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session,
              "INSERT INTO idempotency_keys (user_name, request_key, request, jobs, time_ns) VALUES (:user, :key, "
              ":request, :jobs, :time)")
        .Bind("user", user)
        .Bind("key", key)
        .Bind("request", request)
        .Bind("jobs", fmt::format("{}", fmt::join(jobs, ",")))
        .Bind("time", ToNumber(at))
        .Run();
  });
}

void Accounts::RemoveOldRequests(TimePoint before) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session, "DELETE FROM idempotency_keys WHERE time_ns < :before").Bind("before", ToNumber(before)).Run();
  });
}

}  // namespace cofre::catalogue
