#include "api/download_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/file_name.h"
#include "api/problem.h"
#include "base/file.h"
#include "engine/restore_job.h"
#include "model/plan.h"
#include "planner/local_time.h"

namespace cofre::api {
namespace {

constexpr const char* kBegin = "backup.download";
constexpr const char* kEnd = "backup.download.end";

constexpr size_t kMostExports = 5;  // of a company, that wait
constexpr size_t kReadBytes = 256 << 10;

// Opened here: one that is removed meanwhile is still read to its end.
void SendContent(const std::string& path, ByteSink& sink, repository::RestoreProgress& progress) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat about {};
  if (!file.valid() || fstat(file.get(), &about) != 0) throw SystemError(errno, "cannot read the database");
  progress.bytes_total = static_cast<uint64_t>(about.st_size);
  Bytes buffer(kReadBytes);
  while (true) {
    const ssize_t bytes = read(file.get(), buffer.data(), buffer.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) throw SystemError(errno, "cannot read the database");
    if (bytes == 0) return sink.Finish();
    sink.Write(ByteView(buffer).first(static_cast<size_t>(bytes)));
  }
}

// With the day that it was in the company's zone.
std::string NameOf(Services& services, const Backup& backup, const std::string& suffix) {
  const Company company = services.catalogue->GetCompany(backup.company);
  const std::string zone = company.time_zone.empty() ? services.wiring()->config().time_zone : company.time_zone;
  const std::string day = planner::FormatDay(planner::TimeZone::Find(zone).DayOf(backup.time));
  return SafeFileName(company.name, company.id, fmt::format("{} {}{}", backup.fiscal_year, day, suffix));
}

}  // namespace

DownloadFile DumpOf(Services& services, const Backup& backup) {
  const Company company = services.catalogue->GetCompany(backup.company);
  const bool is_folder = IsFolder(services.catalogue->GetServer(company.server).engine);
  return {
      .backup = backup,
      .form = "dump",
      .name = NameOf(services, backup, is_folder ? ".tar" : std::filesystem::path(backup.path).extension().string()),
      .bytes = backup.dump_bytes,
      .make = [wiring = services.wiring(), backup](ByteSink& sink, repository::RestoreProgress& progress,
                                                   const std::stop_token& stop) {
        engine::StreamDump(wiring->engine(), backup, sink, &progress, stop);
      }};
}

DownloadFile DatabaseOf(Services& services, const Backup& backup, const service::ReadyDatabase& ready) {
  const Company company = services.catalogue->GetCompany(backup.company);
  const bool is_firebird = services.catalogue->GetServer(company.server).engine == Engine::kFirebird;
  const std::string suffix = is_firebird ? ".fdb" : std::filesystem::path(backup.path).extension().string();
  return {.backup = backup,
          .form = "database",
          .name = NameOf(services, backup, suffix),
          .bytes = ready.bytes,
          .make = [path = ready.file](ByteSink& sink, repository::RestoreProgress& progress, const std::stop_token&) {
            SendContent(path, sink, progress);
          }};
}

std::optional<service::ReadyDatabase> FindReady(Services& services, const Backup& backup) {
  return service::FindReadyDatabase(*services.catalogue, services.wiring()->config(), backup, services.Now());
}

std::optional<Job> FindExport(Services& services, const Backup& backup) {
  for (const JobState state : {JobState::kRunning, JobState::kQueued}) {
    for (const Job& job : services.catalogue->ListJobs(
             {.company = backup.company, .fiscal_year = backup.fiscal_year, .kind = JobKind::kExport, .state = state},
             kMostExports + 1)) {
      if (job.snapshot_id == backup.snapshot_id) return job;
    }
  }
  return std::nullopt;
}

void RequireMayExport(Services& services, const Backup& backup) {
  const Company company = services.catalogue->GetCompany(backup.company);
  const Engine engine = services.catalogue->GetServer(company.server).engine;
  if (!RestoresToFile(engine)) {
    throw Refusal("conflict", fmt::format("a backup of {} has no form of a database in a file", EngineName(engine)),
                  "download the dump");
  }
  const auto waiting = services.catalogue->ListJobs(
      {.company = backup.company, .kind = JobKind::kExport, .state = JobState::kQueued}, kMostExports);
  if (waiting.size() < kMostExports) return;
  throw Refusal("conflict", "the company has too many ready databases coming", "wait until they are made");
}

Job ExportOrder(const Backup& backup, TimePoint now) {
  return {.kind = JobKind::kExport,
          .reason = JobReason::kManual,
          .company = backup.company,
          .fiscal_year = backup.fiscal_year,
          .priority = static_cast<int>(JobPriority::kManual),
          .queued = now,
          .not_before = now,
          .snapshot_id = backup.snapshot_id};
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
  DownloadOrder order{
      .asker = who.user.empty() ? who.way : who.user, .bytes = file.bytes, .make = file.make, .problem = file.problem};
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
