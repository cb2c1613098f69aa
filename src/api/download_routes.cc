// What is in backups, on its way out.

#include "api/download_files.h"
#include "api/services.h"

namespace cofre::api {
namespace {

Response DownloadDump(Services& services, const Call& call) {
  const Backup backup = services.RequireBackup(call);
  return SendFile(services, call.request, services.EntryOf(call, backup.snapshot_id), DumpOf(services, backup));
}

}  // namespace

void AddDownloadRoutes(std::vector<Route>& routes, Services& services) {
  const std::string backup = "/api/v1/backups/{backup}";
  routes.push_back({Method::kGet, backup + "/download", Access::kFetch,
                    [&](const Call& call) { return DownloadDump(services, call); }});
}

}  // namespace cofre::api
