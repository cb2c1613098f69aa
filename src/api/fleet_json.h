#pragma once

// Companies, servers and databases as JSON for the API: what service/model_json.h says of them, with how they are, less
// what is no client's business (password files, commands).

#include "api/fleet_view.h"
#include "api/json.h"

namespace cofre::api {

// "failing", "late", "never", "safe".
std::string_view ConditionOf(const service::DatabaseHealth& database);

Json ToJson(const CompanyRow& row);
Json ToJson(const service::DatabaseHealth& database);
Json ToJson(const service::ServerHealthNow& health, const Server& server);
// What an operator may change of a company.
Json SettingsToJson(const Company& company);

}  // namespace cofre::api
