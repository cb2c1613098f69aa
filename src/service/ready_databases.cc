#include "service/ready_databases.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "engine/export_job.h"

namespace cofre::service {
namespace {

constexpr const char* kFile = "base";
constexpr size_t kMostJobs = 100;  // of a database's exports, that are looked through

std::filesystem::path FolderOf(const Config& config, int64_t job) {
  return std::filesystem::path(config.api.databases_folder) / std::to_string(job);
}

std::optional<TimePoint> EndOf(const Config& config, const Job& job) {
  if (job.kind != JobKind::kExport || job.state != JobState::kDone || !job.ended) return std::nullopt;
  return *job.ended + config.api.keep_databases;
}

// What its job says.
bool IsToBeThere(catalogue::Catalogue& catalogue, const Config& config, const std::string& name, TimePoint now) {
  int64_t id = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (failed != std::errc() || end != name.data() + name.size()) return true;  // not ours
  try {
    const Job job = catalogue.GetJob(id);
    if (job.state == JobState::kRunning) return true;
    const auto expires = EndOf(config, job);
    return expires && *expires > now;
  } catch (const Error& error) {
    return error.kind() != ErrorKind::kNotFound;
  }
}

size_t CountFolders(const std::string& folder) {
  size_t count = 0;
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) ++count;
  return count;
}

void RequireSuccess(const std::error_code& error, const std::filesystem::path& folder) {
  if (error) throw SystemError(error.value(), "cannot make the folder " + folder.string());
}

}  // namespace

std::optional<ReadyDatabase> FindReadyDatabase(catalogue::Catalogue& catalogue, const Config& config,
                                               const Backup& backup, TimePoint now) {
  const auto jobs = catalogue.ListJobs({.company = backup.company,
                                        .fiscal_year = backup.fiscal_year,
                                        .kind = JobKind::kExport,
                                        .state = JobState::kDone,
                                        .ended_since = now - config.api.keep_databases},
                                       kMostJobs);
  for (const Job& job : jobs) {
    const auto expires = EndOf(config, job);
    if (job.snapshot_id != backup.snapshot_id || !expires || *expires <= now) continue;
    const std::filesystem::path file = FolderOf(config, job.id) / kFile;
    std::error_code error;
    const uintmax_t bytes = std::filesystem::file_size(file, error);
    if (!error) return ReadyDatabase{.job = job, .file = file.string(), .bytes = bytes, .expires = *expires};
  }
  return std::nullopt;
}

void SweepReadyDatabases(catalogue::Catalogue& catalogue, const Config& config, TimePoint now) {
  std::vector<std::filesystem::path> over;
  std::error_code error;
  std::filesystem::directory_iterator at(config.api.databases_folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    try {
      if (!IsToBeThere(catalogue, config, at->path().filename().string(), now)) over.push_back(at->path());
    } catch (const Error&) {
      // Said by whoever else needs the catalogue.
    }
  }
  for (const auto& folder : over) {
    std::filesystem::remove_all(folder, error);
    if (error) {
      Log(LogLevel::kWarning, "ready_database_left", {{"folder", folder.string()}, {"error", error.message()}});
    } else {
      Log(LogLevel::kInfo, "ready_database_removed", {{"job", folder.filename().string()}});
    }
  }
}

void MakeReadyDatabase(const Config& config, const engine::Context& context, const Job& job,
                       std::atomic<uint64_t>& bytes, const std::stop_token& stop) {
  const std::string& all = config.api.databases_folder;
  SweepReadyDatabases(*context.catalogue, config, context.clock->Now());
  const std::filesystem::path folder = FolderOf(config, job.id);
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (CountFolders(all) >= config.api.databases_limit) {
    throw Error(ErrorKind::kQuota, fmt::format("there are {} ready databases already", config.api.databases_limit),
                "wait until others are removed, or raise [api] bases_cantidad");
  }
  std::filesystem::create_directories(folder, error);
  RequireSuccess(error, folder);
  std::filesystem::permissions(all, std::filesystem::perms::owner_all, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  try {
    engine::RunExport(context,
                      {.snapshot_id = job.snapshot_id,
                       .file = (folder / kFile).string(),
                       .all_folder = all,
                       .most_bytes = config.api.databases_limit_bytes},
                      bytes, stop);
  } catch (...) {
    std::filesystem::remove_all(folder, error);
    throw;
  }
}

}  // namespace cofre::service
