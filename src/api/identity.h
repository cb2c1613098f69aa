#pragma once

// Who asks, and what he may.

#include <optional>
#include <string>

#include "model/account.h"

namespace cofre::api {

struct Identity {
  User user;
  std::optional<ApiToken> token;  // asked with it; else with a session
  std::string session_hash;       // of the session
  std::string csrf;               // what such a session's changes must bear in X-CSRF-Token
  std::string address;

  // The user's role, held to the token's scope.
  bool MayOperate() const { return user.role >= Role::kOperator && (!token || token->scope >= Scope::kOperate); }
  // Take what is in backups, and hand it on: whoever operates, and a company user for what is his.
  bool MayFetch() const {
    return (user.role >= Role::kOperator || IsCompanyUser()) && (!token || token->scope >= Scope::kOperate);
  }
  bool MayAdminister() const {
    return user.role >= Role::kAdministrator && (!token || token->scope >= Scope::kAdminister);
  }
  bool IsCompanyUser() const { return user.role == Role::kCompany; }
  // Whether what belongs to this company is his to see.
  bool Sees(const std::string& company) const;
  // For the audit log: "session", "token 7".
  std::string Way() const;
};

}  // namespace cofre::api
