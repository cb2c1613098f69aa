#include "engine/drill_job.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

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

// The same on a server. Another drill of the company, of another service, would be connected to it: it is left alone.
class ScratchDatabase {
 public:
  ScratchDatabase(sources::Source& source, std::string name, const std::stop_token& stop)
      : source_(source), name_(std::move(name)) {
    source_.DropScratch(name_, stop);
  }
  ~ScratchDatabase() {
    try {
      source_.DropScratch(name_, {});
    } catch (const std::exception& error) {
      Log(LogLevel::kWarning, "scratch_left_behind", {{"database", name_}, {"error", error.what()}});
    }
  }
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

 private:
  sources::Source& source_;
  std::string name_;
};

class Drill {
 public:
  // Sets what of `outcome` it counts.
  Drill(const Context& context, DrillOutcome& outcome, repository::RestoreProgress* progress,
        const std::stop_token& stop)
      : context_(context),
        outcome_(outcome),
        backup_(outcome.backup),
        company_(context.catalogue->GetCompany(backup_.company)),
        server_(context.catalogue->GetServer(company_.server)),
        database_(context.catalogue->GetDatabase(backup_.company, backup_.fiscal_year)),
        progress_(progress),
        stop_(stop) {}

  void Run(const std::filesystem::path& scratch_folder) {
    LivesOnServerOnly(server_.engine) ? OnServer() : InFolder(scratch_folder);
  }

 private:
  void OnServer() {
    const std::unique_ptr<sources::Source> source = context_.make_source(server_, database_);
    const std::string name = fmt::format("{}{}-{}", sources::kScratchPrefix, backup_.company, backup_.fiscal_year);
    const ScratchDatabase scratch(*source, name, stop_);
    RestoreAndCount(*source, name);
  }

  // Into a file or folder of this machine, whatever server it came from.
  void InFolder(const std::filesystem::path& scratch_folder) {
    const ScratchFolder scratch(scratch_folder / fmt::format("{}-{}", backup_.company, backup_.fiscal_year));
    const std::string target = scratch.File("base");
    const Server here{.name = server_.name, .engine = server_.engine};
    Database database = database_;
    database.method = MethodOfDump(backup_.path);
    if (here.engine != Engine::kCommand) database.path = target;
    RestoreAndCount(*context_.make_source(here, database), target);
  }

  void RestoreAndCount(sources::Source& source, const std::string& target) {
    const CompanyRepositories::Lease open = context_.repositories->Open(company_.repository, stop_);
    const repository::Snapshot snapshot = open->repository->FindSnapshot(backup_.snapshot_id, stop_);
    if (IsFolder(server_.engine)) {
      outcome_.folder = RestoreAndCompare(*open->repository, snapshot, source, target, progress_, stop_);
      return;
    }
    const std::unique_ptr<ByteSink> sink = source.Restore(target, false, stop_);
    repository::RestoreFile(*open->repository, snapshot, *sink, progress_, stop_);
    outcome_.tables = source.CountTables(target, stop_);
  }

  const Context& context_;
  DrillOutcome& outcome_;
  const Backup& backup_;
  const Company company_;
  const Server server_;
  const Database database_;
  repository::RestoreProgress* progress_;
  const std::stop_token& stop_;
};

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
        const auto backups = context.catalogue->ListBackups({.company = company, .fiscal_year = fiscal_year});
        if (backups.empty()) {
          throw Error(ErrorKind::kNotFound, fmt::format("company {} has no backup of {}", company, fiscal_year));
        }
        outcome.backup = backups.front();
        try {
          Drill(context, outcome, progress, stop).Run(scratch_folder);
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
