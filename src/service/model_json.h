#pragma once

// The model as JSON with the operator's Spanish keys, for `--json`. docs/configuration.md lists the keys. They only
// grow: none is renamed or given another meaning. Times are RFC 3339 in UTC, sizes bytes; what is not known or not
// given is null.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/backup.h"
#include "model/company.h"

namespace cofre::service {

// Keeps the order of the keys.
using Json = nlohmann::ordered_json;

Json ToJson(const Server& server);
Json ToJson(const Company& company);
Json ToJson(const Database& database);
Json ToJson(const Backup& backup);
Json ToJson(const Job& job);

// An array, empty where there is none.
Json ToJson(const std::vector<Server>& servers);
Json ToJson(const std::vector<Company>& companies);
Json ToJson(const std::vector<Database>& databases);
Json ToJson(const std::vector<Backup>& backups);
Json ToJson(const std::vector<Job>& jobs);

// For people and programs: indented by two blanks. Bytes that are not UTF-8 become U+FFFD.
std::string Print(const Json& json);

}  // namespace cofre::service
