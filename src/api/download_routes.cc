// What is in backups, on its way out.

#include "api/download_files.h"
#include "api/services.h"

namespace cofre::api {
namespace {

Response DownloadDump(Services& services, const Call& call) {
  const Backup backup = services.RequireBackup(call);
  return SendFile(services, call.request, services.EntryOf(call, backup.snapshot_id), DumpOf(services, backup));
}

Response DownloadDatabase(Services& services, const Call& call) {
  const Backup backup = services.RequireBackup(call);
  const auto ready = FindReady(services, backup);
  if (!ready) {
    throw Error(ErrorKind::kNotFound, "there is no ready database of the backup " + backup.snapshot_id.substr(0, 8),
                "POST to the same address makes one");
  }
  return SendFile(services, call.request, services.EntryOf(call, backup.snapshot_id),
                  DatabaseOf(services, backup, *ready));
}

}  // namespace

void AddDownloadRoutes(std::vector<Route>& routes, Services& services) {
  const std::string backup = "/api/v1/backups/{backup}";
  const RouteAdder add(routes, services, Access::kFetch);
  add(Method::kGet, backup + "/download", DownloadDump);
  add(Method::kGet, backup + "/database", DownloadDatabase);
}

}  // namespace cofre::api
