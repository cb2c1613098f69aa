#include "api/download_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/file_name.h"
#include "engine/restore_job.h"
#include "planner/local_time.h"

namespace cofre::api {
namespace {

constexpr const char* kBegin = "backup.download";
constexpr const char* kEnd = "backup.download.end";

// With the day that it was in the company's zone.
std::string NameOf(Services& services, const Backup& backup, const std::string& suffix) {
  const Company company = services.catalogue->GetCompany(backup.company);
  const std::string zone = company.time_zone.empty() ? services.wiring()->config().time_zone : company.time_zone;
  const std::string day = planner::FormatDay(planner::TimeZone::Find(zone).DayOf(backup.time));
  return SafeFileName(company.name, company.id, fmt::format("{} {}{}", backup.fiscal_year, day, suffix));
}

}  // namespace

DownloadFile DumpOf(Services& services, const Backup& backup) {
  return {.backup = backup,
          .form = "dump",
          .name = NameOf(services, backup, std::filesystem::path(backup.path).extension().string()),
          .bytes = backup.dump_bytes,
          .make = [wiring = services.wiring(), backup](ByteSink& sink, repository::RestoreProgress& progress,
                                                       const std::stop_token& stop) {
            engine::StreamDump(wiring->engine(), backup, sink, &progress, stop);
          }};
}

Response SendFile(Services& services, const Request& request, AuditEntry who, const DownloadFile& file,
                  const std::function<void(const DownloadEnd&)>& ended) {
  Response response{.type = "application/octet-stream"};
  response.headers.emplace_back("Content-Disposition", AttachmentNamed(file.name));
  response.headers.emplace_back("Cache-Control", "no-store");
  if (request.head) {
    response.length = file.bytes;
    return response;
  }
  const Json about{{"empresa", file.backup.company}, {"anio_fiscal", file.backup.fiscal_year}, {"forma", file.form}};
  DownloadOrder order{.asker = who.user.empty() ? who.way : who.user, .bytes = file.bytes, .make = file.make};
  order.ended = [&services, about, end = who, ended](const DownloadEnd& how) mutable {
    if (ended) ended(how);
    Json after = about;
    after["bytes"] = how.bytes;
    after["completo"] = how.complete;
    after["mensaje"] = TextOrNull(how.problem);
    end.time = services.Now();
    end.action = kEnd;
    end.after = Compact(after);
    services.accounts.AddAudit(end);
  };
  response.file = services.downloads.Start(std::move(order));
  Json after = about;
  after["bytes"] = file.bytes;
  who.action = kBegin;
  who.after = Compact(after);
  services.accounts.AddAudit(who);
  return response;
}

}  // namespace cofre::api
