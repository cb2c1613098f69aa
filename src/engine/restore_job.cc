#include "engine/restore_job.h"

#include <filesystem>
#include <functional>
#include <memory>

#include "base/error.h"
#include "engine/job_record.h"
#include "engine/snapshot_record.h"
#include "io/tar_sink.h"

namespace cofre::engine {
namespace {

// A backup's snapshot in its open repository.
struct Found {
  Found(const Context& context, const Backup& backup, const std::stop_token& stop)
      : open(context.repositories->Open(context.catalogue->GetCompany(backup.company).repository, stop)),
        snapshot(open->repository->FindSnapshot(backup.snapshot_id, stop)) {}

  const CompanyRepositories::Lease open;
  const repository::Snapshot snapshot;
};

// By the snapshot's own word, for a company may have moved to a server of another engine since.
bool IsFolderBackup(const Context& context, const Backup& backup, const repository::Snapshot& snapshot) {
  const auto recorded = ReadSnapshot(snapshot);
  if (recorded && recorded->engine) return IsFolder(*recorded->engine);
  return IsFolder(context.catalogue->GetServer(context.catalogue->GetCompany(backup.company).server).engine);
}

// Counts what goes through.
class CountedSink : public ByteSink {
 public:
  CountedSink(ByteSink& sink, repository::RestoreProgress* progress) : sink_(sink), progress_(progress) {}
  void Write(ByteView data) override {
    sink_.Write(data);
    if (progress_ != nullptr) progress_->bytes_written += data.size();
  }
  void Finish() override { sink_.Finish(); }

 private:
  ByteSink& sink_;
  repository::RestoreProgress* progress_;
};

// How long the archive is going to be is known before its first byte.
void StreamArchive(const Found& found, const std::string& name, ByteSink& sink, repository::RestoreProgress* progress,
                   const std::stop_token& stop) {
  repository::Repository& repository = *found.open->repository;
  io::TarSize size(name);
  repository::ListFolder(repository, found.snapshot, size, stop);
  if (progress != nullptr) progress->bytes_total = size.bytes();
  CountedSink counted(sink, progress);
  io::TarSink tar(counted, name);
  repository::RestoreFolder(
      repository, found.snapshot, [&](const repository::FolderContents&) -> FolderSink& { return tar; }, nullptr, stop);
}

void StreamFound(const Context& context, const Found& found, const Backup& backup, ByteSink& sink,
                 repository::RestoreProgress* progress, const std::stop_token& stop) {
  if (IsFolderBackup(context, backup, found.snapshot)) {
    StreamArchive(found, std::filesystem::path(backup.path).filename().string(), sink, progress, stop);
  } else {
    repository::RestoreFile(*found.open->repository, found.snapshot, sink, progress, stop);
  }
}

// Keeps a job's row of it.
void Record(const Context& context, const Backup& backup, const std::stop_token& stop,
            const std::function<void()>& restore) {
  JobRecord record(context, {.kind = JobKind::kRestore, .company = backup.company, .fiscal_year = backup.fiscal_year});
  record.Run(
      [&] {
        restore();
        record.SetBytes(backup.dump_bytes);
        record.SetMessage(backup.snapshot_id);
      },
      stop);
}

void RequireEngine(const Server& server, bool folder) {
  if (IsFolder(server.engine) == folder) return;
  throw Error(ErrorKind::kUsage,
              folder ? "the backup is a folder, and the server " + server.name + " has none"
                     : "the backup is no folder, and the server " + server.name + " has nothing else",
              "name a server of the backup's own engine: --server");
}

}  // namespace

void RestoreToDatabase(const Context& context, const Backup& backup, const std::string& server,
                       const std::string& target, bool replace, repository::RestoreProgress* progress,
                       const std::stop_token& stop) {
  const Server on = context.catalogue->GetServer(server);
  Database database = context.catalogue->GetDatabase(backup.company, backup.fiscal_year);
  database.method = MethodOfDump(backup.path);
  const std::unique_ptr<sources::Source> source = context.make_source(on, database);
  Record(context, backup, stop, [&] {
    const Found found(context, backup, stop);
    const bool folder = IsFolderBackup(context, backup, found.snapshot);
    RequireEngine(on, folder);
    if (folder) {
      RestoreFolderTo(*found.open->repository, found.snapshot, *source, target, replace, progress, stop);
    } else {
      // Not opened before the snapshot is known to be there.
      const std::unique_ptr<ByteSink> sink = source->Restore(target, replace, stop);
      repository::RestoreFile(*found.open->repository, found.snapshot, *sink, progress, stop);
    }
  });
}

repository::FolderContents RestoreFolderTo(repository::Repository& repository, const repository::Snapshot& snapshot,
                                           sources::Source& source, const std::string& target, bool replace,
                                           repository::RestoreProgress* progress, const std::stop_token& stop) {
  std::unique_ptr<FolderSink> sink;
  return repository::RestoreFolder(
      repository, snapshot,
      [&](const repository::FolderContents&) -> FolderSink& {
        sink = source.RestoreFolder(target, replace, stop);
        return *sink;
      },
      progress, stop);
}

void RestoreToSink(const Context& context, const Backup& backup, ByteSink& sink, repository::RestoreProgress* progress,
                   const std::stop_token& stop) {
  Record(context, backup, stop,
         [&] { StreamFound(context, Found(context, backup, stop), backup, sink, progress, stop); });
}

void StreamDump(const Context& context, const Backup& backup, ByteSink& sink, repository::RestoreProgress* progress,
                const std::stop_token& stop) {
  StreamFound(context, Found(context, backup, stop), backup, sink, progress, stop);
}

}  // namespace cofre::engine
