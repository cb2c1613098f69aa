#include "engine/backup_job.h"

#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "engine/company_lock.h"
#include "engine/company_state.h"
#include "engine/job_record.h"
#include "engine/manifest_sync.h"
#include "engine/reconcile.h"
#include "engine/retention.h"
#include "repository/prune.h"

namespace cofre::engine {
namespace {

// A first backup makes the repository. Where there were backups before, a missing one is a loss that must not be hidden
// by a fresh start.
CompanyRepositories::Lease OpenForBackup(const Context& context, const Company& company, const std::stop_token& stop) {
  const size_t known = context.catalogue->ListBackups({.company = company.id}).size();
  if (known == 0) return context.repositories->OpenOrInitialize(company.repository, stop);
  try {
    return context.repositories->Open(company.repository, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    throw Error(ErrorKind::kNotFound, fmt::format("{}, yet the catalogue has {} backups in it", error.what(), known),
                "is this the right store? If the repository is lost: cofre company remove, add it again, back up");
  }
}

// The average blob size of a database: chosen before its first backup and kept.
uint32_t AverageBlobBytes(const Context& context, const Database& database, sources::Source& source,
                          const std::stop_token& stop) {
  if (database.average_blob_bytes != 0) return database.average_blob_bytes;
  const std::optional<uint64_t> size = source.Probe(stop).size_bytes;
  return context.catalogue->SetAverageBlobBytes(database.company, database.fiscal_year,
                                                repository::ChooseAverageBlobBytes(size.value_or(0)));
}

class BackupJob {
 public:
  BackupJob(const Context& context, const BackupOrder& order, Company company, Database database, CompanyLock& lock,
            const std::stop_token& stop)
      : context_(context),
        order_(order),
        company_(std::move(company)),
        database_(std::move(database)),
        lock_(lock),
        stop_(stop) {}

  BackupOutcome Run(repository::BackupProgress* progress) {
    const CompanyRepositories::Lease open = OpenForBackup(context_, company_, stop_);
    EndDoubt(context_, *open, company_, lock_, stop_);
    const repository::BackupResult result = Write(*open, progress);
    BackupOutcome outcome;
    outcome.unchanged = result.unchanged;
    outcome.added_bytes = result.bytes_stored;
    outcome.backup = Record(result);
    if (open->stored_bytes) *open->stored_bytes += result.bytes_stored;
    AfterCare(*open, outcome);
    return outcome;
  }

 private:
  repository::BackupResult Write(OpenRepository& open, repository::BackupProgress* progress) {
    const Server server = context_.catalogue->GetServer(company_.server);
    const std::unique_ptr<sources::Source> source = context_.make_source(server, database_);
    const Space space = RequireSpace(context_, open, company_, lock_, stop_);
    database_.average_blob_bytes = AverageBlobBytes(context_, database_, *source, stop_);
    SyncManifest(context_, open, company_, stop_);

    const repository::BackupRequest request{
        .path = SnapshotPath(company_.id, order_.fiscal_year, source->DumpName()),
        .tags = SnapshotTags({.fiscal_year = order_.fiscal_year,
                              .engine = server.engine,
                              .reason = order_.reason,
                              .average_blob_bytes = database_.average_blob_bytes,
                              .pinned_until = order_.pinned_until}),
        // The server's name, not this machine's: restic groups by host, and any node may make the next backup.
        .hostname = server.name,
        .username = "cofre",
        .average_blob_bytes = database_.average_blob_bytes,
        .added_bytes_limit = space.free_bytes(),
    };
    const std::unique_ptr<ByteSource> dump = source->Dump(stop_);
    // From here on a snapshot may exist that the catalogue does not know.
    lock_.BeginDoubt();
    try {
      return repository::WriteBackup(*open.repository, *dump, request, progress, stop_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kQuota) throw;
      throw Error(ErrorKind::kQuota,
                  fmt::format("company {} uses {} of its {}, and this backup needs more than what is left: {}",
                              company_.id, HumanBytes(space.used_bytes), HumanBytes(space.limit_bytes), error.what()),
                  fmt::format("give it more room: cofre company set {} --space-limit GB", company_.id));
    }
  }

  Backup Record(const repository::BackupResult& result) {
    const auto recorded = ReadSnapshot(result.snapshot);
    if (!recorded)
      throw Error(ErrorKind::kPermanent, "the snapshot " + result.snapshot.id.Hex() + " is not as ordered");
    try {
      context_.catalogue->AddBackup(recorded->backup);
    } catch (const Error& error) {
      throw Error(error.kind(),
                  fmt::format("the backup {} is complete in the store, but the catalogue does not take it: {}",
                              recorded->backup.snapshot_id.substr(0, 8), error.what()),
                  "the next job of this company adds it; so does: cofre catalogue rebuild");
    }
    lock_.EndDoubt();
    return recorded->backup;
  }

  // Every reader loads all index files, so they are merged before they grow many. Where somebody else has a lock at
  // this moment, a later backup does it.
  void MergeIndex(OpenRepository& open) {
    constexpr size_t kIndexFilesToMerge = 20;
    if (open.repository->KnownIndexFiles() <= kIndexFilesToMerge) return;
    try {
      repository::MergeIndexFiles(*open.repository, stop_);
      open.stored_bytes.reset();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kTransient) throw;
      Log(LogLevel::kInfo, "index_not_merged", {{"company", company_.id}, {"error", error.what()}});
    }
  }

  // The backup is made; nothing here can unmake it.
  void AfterCare(OpenRepository& open, BackupOutcome& outcome) {
    try {
      outcome.forgotten = ApplyRetention(context_, open, company_, order_.fiscal_year, lock_, stop_);
      MergeIndex(open);
      outcome.space = MeasureSpace(open, company_, stop_);
      UpdateCompanyState(context_, company_.id, [&](CompanyState& state) {
        state.stored_bytes = outcome.space.used_bytes;
        state.measured_at = context_.clock->Now();
      });
    } catch (const Error& error) {
      outcome.warning = std::string("the backup is complete, but old ones were not removed: ") + error.what();
      open.stored_bytes.reset();
      Log(LogLevel::kWarning, "retention_failed", {{"company", company_.id}, {"error", error.what()}});
    }
  }

  const Context& context_;
  const BackupOrder& order_;
  Company company_;
  Database database_;
  CompanyLock& lock_;
  std::stop_token stop_;
};

}  // namespace

BackupOutcome RunBackup(const Context& context, const BackupOrder& order, repository::BackupProgress* progress,
                        const std::stop_token& stop) {
  Company company = context.catalogue->GetCompany(order.company);
  Database database = context.catalogue->GetDatabase(order.company, order.fiscal_year);
  CompanyLock lock(context.lock_folder, company.id, fmt::format("backup of {}", order.fiscal_year),
                   context.clock->Now());
  BackupOutcome outcome;
  JobRecord record(context, {.kind = JobKind::kBackup, .company = company.id, .fiscal_year = order.fiscal_year});
  BackupJob job(context, order, std::move(company), std::move(database), lock, stop);
  record.Run(
      [&] {
        outcome = job.Run(progress);
        record.SetBackup(outcome.backup, outcome.added_bytes);
        record.SetMessage(outcome.warning);
      },
      stop);
  return outcome;
}

}  // namespace cofre::engine
