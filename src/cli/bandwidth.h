#pragma once

// The limits of this node's links, as commands show them. "Now" is by the configuration's own time zone.

#include <string>
#include <utility>
#include <vector>

#include "service/config.h"
#include "service/model_json.h"

namespace cofre::cli {

// Of one line: "up 2 MB/s, down no limit, dumps of srv1 4 MB/s"; "no limits" where the configuration has none.
std::string BandwidthNow(const service::Config& config, TimePoint now);

// Each limit with its hours: for FormatFields.
std::vector<std::pair<std::string, std::string>> BandwidthFields(const service::Config& config, TimePoint now);

// Bytes a second now; null: no limit.
service::Json BandwidthToJson(const service::Config& config, TimePoint now);

}  // namespace cofre::cli
