#pragma once

// A report's figures as JSON, with the operator's keys: the same from the command line and the API.

#include "service/model_json.h"
#include "service/report.h"

namespace cofre::service {

Json ToJson(const BackupCounts& counts);

}  // namespace cofre::service
