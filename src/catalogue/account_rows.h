#pragma once

// Users, sessions and tokens as rows of their tables. Private to this folder.

#include <string>
#include <vector>

#include "catalogue/state.h"
#include "model/account.h"

namespace cofre::catalogue {

// Of this name, or all by name where it is empty.
std::vector<User> ReadUsers(soci::session& session, const std::string& name);

// Those that the condition with ":key" fits, newest first.
std::vector<SignedSession> ReadSessions(soci::session& session, const char* condition, const std::string& key);

// "SELECT ... FROM api_tokens WHERE 1 = 1", to be completed. Newest first.
class TokenQuery {
 public:
  explicit TokenQuery(soci::session& session);
  template <typename Value>
  void Where(const char* condition, const char* name, const Value& value) {
    statement_.Where(condition, name, value);
  }
  std::vector<ApiToken> Read();

 private:
  Statement statement_;
};

}  // namespace cofre::catalogue
