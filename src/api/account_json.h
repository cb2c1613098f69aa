#pragma once

// Users, tokens and the audit log as JSON. Nothing of it is a secret or a hash of one.

#include "api/json.h"
#include "model/account.h"

namespace cofre::api {

Json ToJson(const User& user);
Json ToJson(const ApiToken& token);
Json ToJson(const AuditEntry& entry);

}  // namespace cofre::api
