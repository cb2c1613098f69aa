#pragma once

// The files that a backup can be downloaded as, and their account in the audit log.

#include <functional>
#include <optional>
#include <string>

#include "api/downloads.h"
#include "api/services.h"
#include "model/backup.h"
#include "service/ready_databases.h"

namespace cofre::api {

struct DownloadFile {
  Backup backup;
  std::string form;    // "dump", "database"
  std::string name;    // for the client
  uint64_t bytes = 0;  // as the catalogue has it
  decltype(DownloadOrder::make) make;
  decltype(DownloadOrder::problem) problem = ProblemOf;
};

// The dump as its engine gave it, straight from the repository.
DownloadFile DumpOf(Services& services, const Backup& backup);

// A ready database (service/ready_databases.h), as its engine opens it.
DownloadFile DatabaseOf(Services& services, const Backup& backup, const service::ReadyDatabase& ready);

// The one that a backup has, if it has one.
std::optional<service::ReadyDatabase> FindReady(Services& services, const Backup& backup);
// The export job of a backup that waits or is under way.
std::optional<Job> FindExport(Services& services, const Backup& backup);
// Throws Refusal conflict where there can be no ready database of it, and where its company has too many coming.
void RequireMayExport(Services& services, const Backup& backup);
Job ExportOrder(const Backup& backup, TimePoint now);

// `who` as Services::EntryOf gives it: "backup.download" in the audit log now, "backup.download.end" when it has ended,
// after `ended`. Throws Refusal unavailable where there are too many. Of a HEAD only the headers: nothing is started.
Response SendFile(Services& services, const Request& request, AuditEntry who, const DownloadFile& file,
                  const std::function<void(const DownloadEnd&)>& ended = nullptr);

}  // namespace cofre::api
