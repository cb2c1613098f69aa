#pragma once

// The files that a backup can be downloaded as, and their account in the audit log.

#include <functional>
#include <string>

#include "api/downloads.h"
#include "api/services.h"
#include "model/backup.h"

namespace cofre::api {

struct DownloadFile {
  Backup backup;
  std::string form;    // "dump", "database"
  std::string name;    // for the client
  uint64_t bytes = 0;  // as the catalogue has it
  decltype(DownloadOrder::make) make;
};

// The dump as its engine gave it, straight from the repository.
DownloadFile DumpOf(Services& services, const Backup& backup);

// `who` as Services::EntryOf gives it: "backup.download" in the audit log now, "backup.download.end" when it has ended,
// after `ended`. Throws Refusal unavailable where there are too many. Of a HEAD only the headers: nothing is started.
Response SendFile(Services& services, const Request& request, AuditEntry who, const DownloadFile& file,
                  const std::function<void(const DownloadEnd&)>& ended = nullptr);

}  // namespace cofre::api
