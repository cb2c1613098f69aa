#pragma once

// What the API takes of companies and databases, wherever it comes from.

#include <string>

#include "api/json.h"
#include "api/services.h"

namespace cofre::api {

// The members of a company's settings that are there, onto the company. Throws Refusal and kind usage.
void ApplyCompanySettings(Body& body, Company& company);

// Where a database may be that is registered through the API: a path or an alias on its server, never the output of a
// program, and no file that Cofre itself keeps (docs/security.md). Throws Refusal invalid.
void RequireDatabasePath(const service::Config& config, const Server& server, const std::string& path);

}  // namespace cofre::api
