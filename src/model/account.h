#pragma once

// Who may use the API: users, their sessions and tokens, and what they have changed. Values only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace cofre {

// Each may do what those before it may, but that a company user is held to his companies.
enum class Role : uint8_t {
  kCompany,        // sees his companies and what is theirs
  kViewer,         // sees all
  kOperator,       // and starts, pauses and changes what backups do
  kAdministrator,  // and users, tokens, the audit log
};
std::string_view RoleName(Role role);              // "company", "viewer", "operator", "administrator"
Role ParseRole(std::string_view name);             // throws kind usage and names the known ones
std::string ParseUserName(std::string_view text);  // [a-z0-9][a-z0-9._@-]{0,62}, case is ignored; throws kind usage

struct User {
  std::string name;
  Role role = Role::kViewer;
  std::vector<std::string> companies;  // of a company user, sorted; empty for others
  std::string password;                // as api/password.h makes it: never the password itself
  bool enabled = true;
  TimePoint created{};
  TimePoint changed{};
  std::optional<TimePoint> signed_in;  // last
  bool second_factor = false;          // a code is asked for beside the password; kept by the catalogue

  bool operator==(const User&) const = default;
};

// Somebody who has signed in with a browser. `hash` is the SHA-256 of what his cookie holds, in hexadecimal.
struct SignedSession {
  std::string hash;
  std::string user;
  TimePoint created{};
  TimePoint used{};
  TimePoint expires{};
  std::string address;
  std::string agent;  // what his browser says of itself

  bool operator==(const SignedSession&) const = default;
};

// What a token may do at most; its user's role holds too.
enum class Scope : uint8_t { kRead, kOperate, kAdminister };
std::string_view ScopeName(Scope scope);  // "read", "operate", "administer"
Scope ParseScope(std::string_view name);  // throws kind usage and names the known ones

// A right that a program has in a user's name.
struct ApiToken {
  int64_t id = 0;    // given by the catalogue
  std::string hash;  // SHA-256 of the token, in hexadecimal
  std::string name;  // what it is for
  std::string user;
  Scope scope = Scope::kRead;
  TimePoint created{};
  TimePoint expires{};
  std::optional<TimePoint> used;     // last, to the minute
  std::optional<TimePoint> revoked;  // since then it is of no use

  bool operator==(const ApiToken&) const = default;
};

// One change: who, when, from where, what, and how it was before and after.
struct AuditEntry {
  int64_t id = 0;  // given by the catalogue; grows
  TimePoint time{};
  std::string user;     // or who was at the command line
  std::string way;      // "session", "token 7", "command line"
  std::string address;  // empty at the command line
  std::string action;   // "company.change", "user.add", ...
  std::string subject;  // what was changed: a company's id, a user's name
  std::string before;   // JSON, or empty
  std::string after;

  bool operator==(const AuditEntry&) const = default;
};

}  // namespace cofre
