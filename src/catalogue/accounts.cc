#include "catalogue/accounts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "catalogue/account_rows.h"
#include "catalogue/job_rows.h"
#include "model/validate.h"

namespace cofre::catalogue {
namespace {

constexpr size_t kMostCompanies = 1000;  // of one user
constexpr size_t kAgentLimit = 256;      // bytes

Error NoUser(const std::string& name) {
  return {ErrorKind::kNotFound, "there is no user " + Quoted(name), "cofre user list shows them"};
}

void RequireValid(const User& user) {
  if (ParseUserName(user.name) != user.name) {
    throw Error(ErrorKind::kUsage, Quoted(user.name) + " is no name of a user", "write it in small letters");
  }
  if (user.password.empty()) throw Error(ErrorKind::kUsage, "the user has no password");
  if (user.companies.size() > kMostCompanies) {
    throw Error(ErrorKind::kUsage, fmt::format("a user can have {} companies at most", kMostCompanies));
  }
  if ((user.role == Role::kCompany) == user.companies.empty()) {
    throw Error(ErrorKind::kUsage,
                user.companies.empty() ? "a company user without companies sees nothing"
                                       : "only a company user is held to companies",
                "name companies with the role company, and only with it");
  }
  for (const std::string& company : user.companies) {
    if (ParseCompanyId(company) != company) {
      throw Error(ErrorKind::kUsage, "the tax number " + Quoted(company) + " is not digits alone");
    }
  }
}

void StoreCompanies(soci::session& session, const User& user) {
  Statement(session, "DELETE FROM user_companies WHERE user_name = :name").Bind("name", user.name).Run();
  std::vector<std::string> companies = user.companies;
  std::ranges::sort(companies);
  companies.erase(std::unique(companies.begin(), companies.end()), companies.end());
  for (const std::string& company : companies) {
    Statement(session, "INSERT INTO user_companies (user_name, company) VALUES (:name, :company)")
        .Bind("name", user.name)
        .Bind("company", company)
        .Run();
  }
}

void RequireAdministrator(soci::session& session) {
  if (Count(session, "SELECT COUNT(*) FROM users WHERE enabled = 1 AND role = :key", "administrator") > 0) return;
  throw Error(ErrorKind::kUsage, "no administrator would be left", "make another one first");
}

void RemoveSessionsOf(soci::session& session, const std::string& user, const std::string& except_hash) {
  Statement(session, "DELETE FROM sessions WHERE user_name = :user AND hash <> :hash")
      .Bind("user", user)
      .Bind("hash", except_hash)
      .Run();
}

}  // namespace

void Accounts::AddUser(const User& user) {
  RequireValid(user);
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    if (!ReadUsers(session, user.name).empty()) {
      throw Error(ErrorKind::kUsage, "the user " + Quoted(user.name) + " exists already");
    }
    Statement(session,
              "INSERT INTO users (name, role, password, enabled, created_ns, changed_ns) VALUES (:name, :role, "
              ":password, :enabled, :created, :changed)")
        .Bind("name", user.name)
        .Bind("role", std::string(RoleName(user.role)))
        .Bind("password", user.password)
        .Bind("enabled", static_cast<int64_t>(user.enabled))
        .Bind("created", ToNumber(user.created))
        .Bind("changed", ToNumber(user.created))
        .Run();
    StoreCompanies(session, user);
  });
}

std::optional<User> Accounts::FindUser(const std::string& name) {
  return catalogue_.state_->With([&](soci::session& session) -> std::optional<User> {
    if (name.empty()) return std::nullopt;
    auto users = ReadUsers(session, name);
    if (users.empty()) return std::nullopt;
    return std::move(users.front());
  });
}

User Accounts::GetUser(const std::string& name) {
  auto user = FindUser(name);
  if (!user) throw NoUser(name);
  return *std::move(user);
}

std::vector<User> Accounts::ListUsers() {
  return catalogue_.state_->With([&](soci::session& session) { return ReadUsers(session, ""); });
}

void Accounts::UpdateUser(const User& user) {
  RequireValid(user);
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    const auto before = ReadUsers(session, user.name);
    if (before.empty()) throw NoUser(user.name);
    Statement(session,
              "UPDATE users SET role = :role, password = :password, enabled = :enabled, changed_ns = :changed WHERE "
              "name = :name")
        .Bind("role", std::string(RoleName(user.role)))
        .Bind("password", user.password)
        .Bind("enabled", static_cast<int64_t>(user.enabled))
        .Bind("changed", ToNumber(user.changed))
        .Bind("name", user.name)
        .Run();
    StoreCompanies(session, user);
    if (before.front().enabled && before.front().role == Role::kAdministrator) RequireAdministrator(session);
  });
}

void Accounts::RemoveUser(const std::string& name) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    const auto before = ReadUsers(session, name);
    if (name.empty() || before.empty()) throw NoUser(name);
    for (const char* sql :
         {"DELETE FROM sessions WHERE user_name = :name", "DELETE FROM api_tokens WHERE user_name = :name",
          "DELETE FROM idempotency_keys WHERE user_name = :name", "DELETE FROM recovery_codes WHERE user_name = :name",
          "DELETE FROM second_factors WHERE user_name = :name", "DELETE FROM user_companies WHERE user_name = :name",
          "DELETE FROM users WHERE name = :name"}) {
      Statement(session, sql).Bind("name", name).Run();
    }
    if (before.front().enabled && before.front().role == Role::kAdministrator) RequireAdministrator(session);
  });
}

void Accounts::MarkSignedIn(const std::string& name, TimePoint at) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session, "UPDATE users SET signed_in_ns = :at WHERE name = :name")
        .Bind("at", ToNumber(at))
        .Bind("name", name)
        .Run();
  });
}

void Accounts::AddSession(const SignedSession& added) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session,
              "INSERT INTO sessions (hash, user_name, created_ns, used_ns, expires_ns, address, agent) VALUES (:hash, "
              ":user, :created, :used, :expires, :address, :agent)")
        .Bind("hash", added.hash)
        .Bind("user", added.user)
        .Bind("created", ToNumber(added.created))
        .Bind("used", ToNumber(added.used))
        .Bind("expires", ToNumber(added.expires))
        .Bind("address", added.address)
        .Bind("agent", ToValidUtf8(added.agent, kAgentLimit))
        .Run();
  });
}

std::optional<SignedSession> Accounts::FindSession(const std::string& hash) {
  return catalogue_.state_->With([&](soci::session& session) -> std::optional<SignedSession> {
    auto sessions = ReadSessions(session, " WHERE hash = :key", hash);
    if (sessions.empty()) return std::nullopt;
    return std::move(sessions.front());
  });
}

std::vector<SignedSession> Accounts::ListSessions(const std::string& user) {
  return catalogue_.state_->With(
      [&](soci::session& session) { return ReadSessions(session, " WHERE user_name = :key", user); });
}

void Accounts::MarkSessionUsed(const std::string& hash, TimePoint at) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session, "UPDATE sessions SET used_ns = :at WHERE hash = :hash")
        .Bind("at", ToNumber(at))
        .Bind("hash", hash)
        .Run();
  });
}

void Accounts::RemoveSession(const std::string& hash) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session, "DELETE FROM sessions WHERE hash = :hash").Bind("hash", hash).Run();
  });
}

void Accounts::RemoveSessions(const std::string& user, const std::string& except_hash) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) { RemoveSessionsOf(session, user, except_hash); });
}

void Accounts::RemoveOldSessions(TimePoint now, TimePoint unused_since) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session, "DELETE FROM sessions WHERE expires_ns <= :now OR used_ns < :unused_since")
        .Bind("now", ToNumber(now))
        .Bind("unused_since", ToNumber(unused_since))
        .Run();
  });
}

int64_t Accounts::AddToken(const ApiToken& token) {
  RequireValidText("the token's name", token.name);
  if (Trimmed(token.name).empty()) throw Error(ErrorKind::kUsage, "the token has no name", "say what it is for");
  return catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    if (ReadUsers(session, token.user).empty()) throw NoUser(token.user);
    const int64_t id = NextNumber(session, "api_tokens");
    Statement(session,
              "INSERT INTO api_tokens (id, hash, name, user_name, scope, created_ns, expires_ns) VALUES (:id, :hash, "
              ":name, :user, :scope, :created, :expires)")
        .Bind("id", id)
        .Bind("hash", token.hash)
        .Bind("name", token.name)
        .Bind("user", token.user)
        .Bind("scope", std::string(ScopeName(token.scope)))
        .Bind("created", ToNumber(token.created))
        .Bind("expires", ToNumber(token.expires))
        .Run();
    return id;
  });
}

std::optional<ApiToken> Accounts::FindToken(const std::string& hash) {
  return catalogue_.state_->With([&](soci::session& session) -> std::optional<ApiToken> {
    TokenQuery query(session);
    query.Where(" AND hash = :hash", "hash", hash);
    auto tokens = query.Read();
    if (tokens.empty()) return std::nullopt;
    return std::move(tokens.front());
  });
}

ApiToken Accounts::GetToken(int64_t id) {
  return catalogue_.state_->With([&](soci::session& session) {
    TokenQuery query(session);
    query.Where(" AND id = :id", "id", id);
    auto tokens = query.Read();
    if (tokens.empty()) throw Error(ErrorKind::kNotFound, fmt::format("there is no token {}", id));
    return std::move(tokens.front());
  });
}

std::vector<ApiToken> Accounts::ListTokens(const std::string& user) {
  return catalogue_.state_->With([&](soci::session& session) {
    TokenQuery query(session);
    if (!user.empty()) query.Where(" AND user_name = :user", "user", user);
    return query.Read();
  });
}

void Accounts::MarkTokenUsed(int64_t id, TimePoint at) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session, "UPDATE api_tokens SET used_ns = :at WHERE id = :id")
        .Bind("at", ToNumber(at))
        .Bind("id", id)
        .Run();
  });
}

void Accounts::RevokeToken(int64_t id, TimePoint at) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    const int64_t changed =
        Statement(session, "UPDATE api_tokens SET revoked_ns = COALESCE(revoked_ns, :at) WHERE id = :id")
            .Bind("at", ToNumber(at))
            .Bind("id", id)
            .Run();
    if (changed == 0) throw Error(ErrorKind::kNotFound, fmt::format("there is no token {}", id));
  });
}

}  // namespace cofre::catalogue
