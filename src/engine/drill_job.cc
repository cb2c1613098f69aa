#include "engine/drill_job.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "base/error.h"
#include "base/log.h"
#include "engine/company_lock.h"
#include "engine/job_record.h"
#include "engine/manifest_sync.h"
#include "engine/restore_job.h"
#include "repository/restore.h"

namespace cofre::engine {
namespace {

// A folder of one drill, emptied before and removed after it. The company's lock is held: nobody else uses it.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::filesystem::path& path) : path_(path) {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
    if (!error) std::filesystem::create_directories(path_, error);
    if (error) throw SystemError(error.value(), "cannot make the folder " + path_.string());
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, error);
  }
  ~ScratchFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
    if (error) Log(LogLevel::kWarning, "scratch_left_behind", {{"folder", path_.string()}, {"error", error.message()}});
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string File(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

repository::FolderContents CountFolder(sources::Source& source, const std::stop_token& stop) {
  repository::FolderContents found;
  const std::unique_ptr<sources::FolderDump> folder = source.DumpFolder(stop);
  for (FolderStep step = folder->Next(); step.kind != FolderStep::Kind::kEnd; step = folder->Next()) {
    if (step.kind != FolderStep::Kind::kEntry) continue;
    found.bytes += step.entry.size;
    ++(step.entry.type == EntryType::kFile     ? found.files
       : step.entry.type == EntryType::kFolder ? found.folders
                                               : found.links);
  }
  return found;
}

repository::FolderContents RestoreAndCompare(repository::Repository& repository, const repository::Snapshot& snapshot,
                                             sources::Source& source, const std::string& target,
                                             repository::RestoreProgress* progress, const std::stop_token& stop) {
  const repository::FolderContents expected =
      RestoreFolderTo(repository, snapshot, source, target, false, progress, stop);
  const repository::FolderContents found = CountFolder(source, stop);
  if (found.files == expected.files && found.folders == expected.folders && found.links == expected.links &&
      found.bytes == expected.bytes) {
    return expected;
  }
  throw Error(ErrorKind::kCorrupt,
              fmt::format("{} files, {} folders and {} links with {} bytes were restored, of {}, {} and {} with {}",
                          found.files, found.folders, found.links, found.bytes, expected.files, expected.folders,
                          expected.links, expected.bytes));
}

// Into a file or folder of this machine, whatever server it came from. Sets what of `outcome` it counts.
void RestoreAndCount(const Context& context, DrillOutcome& outcome, const std::string& target,
                     repository::RestoreProgress* progress, const std::stop_token& stop) {
  const Backup& backup = outcome.backup;
  const Company company = context.catalogue->GetCompany(backup.company);
  const Server here{.name = company.server, .engine = context.catalogue->GetServer(company.server).engine};
  Database database = context.catalogue->GetDatabase(backup.company, backup.fiscal_year);
  database.method = MethodOfDump(backup.path);
  if (here.engine != Engine::kCommand) database.path = target;
  const std::unique_ptr<sources::Source> source = context.make_source(here, database);

  const CompanyRepositories::Lease open = context.repositories->Open(company.repository, stop);
  const repository::Snapshot snapshot = open->repository->FindSnapshot(backup.snapshot_id, stop);
  if (IsFolder(here.engine)) {
    outcome.folder = RestoreAndCompare(*open->repository, snapshot, *source, target, progress, stop);
    return;
  }
  const std::unique_ptr<ByteSink> sink = source->Restore(target, false, stop);
  repository::RestoreFile(*open->repository, snapshot, *sink, progress, stop);
  outcome.tables = source->CountTables(target, stop);
}

// The bucket knows it too. Where that does not succeed, the next backup does it.
void SyncResult(const Context& context, const std::string& id, const std::stop_token& stop) {
  try {
    const Company company = context.catalogue->GetCompany(id);
    const CompanyRepositories::Lease open = context.repositories->Open(company.repository, stop);
    SyncManifest(context, *open, company, open->repository->ListEverything(stop), stop);
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "manifest_not_written", {{"company", id}, {"error", error.what()}});
  }
}

void RequireDrillable(const Context& context, const std::string& company) {
  const Server server = context.catalogue->GetServer(context.catalogue->GetCompany(company).server);
  if (HasDrill(server.engine)) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("there is no restore drill for {}: its databases are made on servers only",
                          EngineName(server.engine)),
              "restore it under a new name, look at it, and drop it");
}

bool SaysNothing(ErrorKind kind) { return kind == ErrorKind::kTransient || kind == ErrorKind::kCancelled; }

}  // namespace

DrillOutcome RunDrill(const Context& context, const std::string& company, int fiscal_year,
                      const std::string& scratch_folder, repository::RestoreProgress* progress,
                      const std::stop_token& stop) {
  CompanyLock lock(context.lock_folder, company, fmt::format("restore drill of {}", fiscal_year), context.clock->Now());
  DrillOutcome outcome;
  JobRecord record(context, {.kind = JobKind::kDrill, .company = company, .fiscal_year = fiscal_year});
  record.Run(
      [&] {
        RequireDrillable(context, company);
        const auto backups = context.catalogue->ListBackups({.company = company, .fiscal_year = fiscal_year});
        if (backups.empty()) {
          throw Error(ErrorKind::kNotFound, fmt::format("company {} has no backup of {}", company, fiscal_year));
        }
        outcome.backup = backups.front();
        try {
          const ScratchFolder scratch(std::filesystem::path(scratch_folder) /
                                      fmt::format("{}-{}", company, fiscal_year));
          RestoreAndCount(context, outcome, scratch.File("base"), progress, stop);
        } catch (const Error& error) {
          if (stop.stop_requested() || SaysNothing(error.kind())) throw;
          outcome.problem = error.what();
        }
        context.catalogue->MarkDrilled(outcome.backup.snapshot_id, context.clock->Now(), outcome.problem);
        SyncResult(context, company, stop);
        record.SetBackup(outcome.backup, 0);
        if (!outcome.problem.empty()) record.NoteFailure(ErrorKind::kCorrupt, outcome.problem);
        if (outcome.tables) record.SetMessage(fmt::format("{} tables", *outcome.tables));
        if (outcome.folder) {
          record.SetMessage(fmt::format("{} files, {} folders", outcome.folder->files, outcome.folder->folders));
        }
      },
      stop);
  return outcome;
}

}  // namespace cofre::engine
