#include "catalogue/account_rows.h"

#include <map>

#include "catalogue/job_rows.h"

namespace cofre::catalogue {
namespace {

TimePoint Time(int64_t number) { return TimePoint(Duration(number)); }

std::map<std::string, std::vector<std::string>> ReadUserCompanies(soci::session& session, const std::string& name) {
  Statement statement(session, "SELECT user_name, company FROM user_companies");
  if (!name.empty()) statement.Where(" WHERE user_name = :name", "name", name);
  statement.Append(" ORDER BY user_name, company").TextColumn().TextColumn();
  std::map<std::string, std::vector<std::string>> companies;
  while (statement.Fetch()) {
    const std::string user = statement.Text();
    companies[user].push_back(statement.Text());
  }
  return companies;
}

}  // namespace

std::vector<User> ReadUsers(soci::session& session, const std::string& name) {
  auto companies = ReadUserCompanies(session, name);
  Statement statement(
      session,
      "SELECT name, role, password, enabled, created_ns, changed_ns, signed_in_ns, (SELECT COUNT(*) FROM "
      "second_factors f WHERE f.user_name = users.name AND f.confirmed_ns IS NOT NULL) FROM users");
  if (!name.empty()) statement.Where(" WHERE name = :name", "name", name);
  statement.Append(" ORDER BY name").TextColumn().TextColumn().TextColumn();
  statement.NumberColumn().NumberColumn().NumberColumn().NumberColumn().NumberColumn();
  std::vector<User> users;
  while (statement.Fetch()) {
    User& user = users.emplace_back();
    user.name = statement.Text();
    user.role = ParseRole(statement.Text());
    user.password = statement.Text();
    user.enabled = statement.Number() != 0;
    user.created = Time(statement.Number());
    user.changed = Time(statement.Number());
    user.signed_in = ToTime(statement.OptionalNumber());
    user.second_factor = statement.Number() > 0;
    user.companies = std::move(companies[user.name]);
  }
  return users;
}

std::vector<SignedSession> ReadSessions(soci::session& session, const char* condition, const std::string& key) {
  Statement statement(session, "SELECT hash, user_name, created_ns, used_ns, expires_ns, address, agent FROM sessions");
  statement.Where(condition, "key", key).Append(" ORDER BY created_ns DESC, hash").TextColumn().TextColumn();
  statement.NumberColumn().NumberColumn().NumberColumn().TextColumn().TextColumn();
  std::vector<SignedSession> sessions;
  while (statement.Fetch()) {
    SignedSession& one = sessions.emplace_back();
    one.hash = statement.Text();
    one.user = statement.Text();
    one.created = Time(statement.Number());
    one.used = Time(statement.Number());
    one.expires = Time(statement.Number());
    one.address = statement.Text();
    one.agent = statement.Text();
  }
  return sessions;
}

TokenQuery::TokenQuery(soci::session& session)
    : statement_(session,
                 "SELECT id, hash, name, user_name, scope, created_ns, expires_ns, used_ns, revoked_ns FROM api_tokens "
                 "WHERE 1 = 1") {}

std::vector<ApiToken> TokenQuery::Read() {
  statement_.Append(" ORDER BY id DESC").NumberColumn().TextColumn().TextColumn().TextColumn().TextColumn();
  statement_.NumberColumn().NumberColumn().NumberColumn().NumberColumn();
  std::vector<ApiToken> tokens;
  while (statement_.Fetch()) {
    ApiToken& token = tokens.emplace_back();
    token.id = statement_.Number();
    token.hash = statement_.Text();
    token.name = statement_.Text();
    token.user = statement_.Text();
    token.scope = ParseScope(statement_.Text());
    token.created = Time(statement_.Number());
    token.expires = Time(statement_.Number());
    token.used = ToTime(statement_.OptionalNumber());
    token.revoked = ToTime(statement_.OptionalNumber());
  }
  return tokens;
}

}  // namespace cofre::catalogue
