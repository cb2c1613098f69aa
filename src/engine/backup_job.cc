#include "engine/backup_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "engine/company_lock.h"
#include "engine/company_state.h"
#include "engine/job_record.h"
#include "engine/manifest_sync.h"
#include "engine/read_ahead.h"
#include "engine/reconcile.h"
#include "engine/retention.h"
#include "repository/prune.h"

namespace cofre::engine {
namespace {

// A first backup makes the repository. Where there were backups before, a missing one is a loss that must not be hidden
// by a fresh start.
CompanyRepositories::Lease OpenForBackup(const Context& context, const Company& company, bool from_copies,
                                         const std::stop_token& stop) {
  const size_t known = context.catalogue->ListBackups({.company = company.id}).size();
  if (known == 0) return context.repositories->OpenOrInitialize(company.repository, stop);
  try {
    return from_copies ? context.repositories->OpenFromCopies(company.repository, stop)
                       : context.repositories->Open(company.repository, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    throw Error(ErrorKind::kNotFound, fmt::format("{}, yet the catalogue has {} backups in it", error.what(), known),
                "is this the right store? If the repository is lost: cofre company remove, add it again, back up");
  }
}

// Starts the dump of a database. Its average blob size is chosen before its first backup and kept: by the size that the
// source knows, or else by the dump's own, where it is a small one.
std::unique_ptr<ByteSource> StartDump(const Context& context, Database& database, sources::Source& source,
                                      const std::stop_token& stop) {
  if (database.average_blob_bytes != 0) return source.Dump(stop);
  constexpr size_t kReadAheadBytes = size_t{8} * 1024 * 1024;
  std::optional<uint64_t> size = source.Probe(stop).size_bytes;
  std::unique_ptr<ByteSource> dump = source.Dump(stop);
  if (!size) {
    auto ahead = std::make_unique<ReadAhead>(std::move(dump), kReadAheadBytes);
    size = ahead->total_bytes();
    dump = std::move(ahead);
  }
  database.average_blob_bytes = context.catalogue->SetAverageBlobBytes(
      database.company, database.fiscal_year, repository::ChooseAverageBlobBytes(size.value_or(0)));
  return dump;
}

// Files are mostly written once and seldom changed in their middle: what counts is how many blobs there are.
constexpr uint32_t kFolderAverageBlobBytes = 256 * 1024;

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
    try {
      // In doubt the repository is read before it is listed.
      return RunOn(OpenForBackup(context_, company_, !lock_.in_doubt(), stop_), progress);
    } catch (const Error& error) {
      if (!replaced_) throw;
      Log(LogLevel::kWarning, "repository_opened_anew", {{"company", company_.id}, {"reason", error.what()}});
    }
    return RunOn(OpenForBackup(context_, company_, false, stop_), progress);
  }

 private:
  BackupOutcome RunOn(const CompanyRepositories::Lease& open, repository::BackupProgress* progress) {
    EndDoubt(context_, *open, company_, lock_, stop_);
    if (open->stored_bytes) (void)RequireSpace(context_, *open, company_, lock_, stop_);
    try {
      Write(*open, progress);
    } catch (const Error&) {
      replaced_ = open->repository->IsReplaced();
      if (!no_room_) throw;
      // Now it is known that there is none. Nothing was written.
      open->stored_bytes.reset();
      (void)RequireSpace(context_, *open, company_, lock_, stop_);
      Write(*open, progress);
    }
    outcome_.space = {*open->stored_bytes, company_.space_limit_bytes};
    NoteSpace();
    MergeIndex(*open);
    return std::move(outcome_);
  }

  void Write(OpenRepository& open, repository::BackupProgress* progress) {
    const Server server = context_.catalogue->GetServer(company_.server);
    const std::unique_ptr<sources::Source> source = context_.make_source(server, database_);
    const TimePoint dump_start = context_.clock->Now();  // a first dump may be read in part before it is written
    if (IsFolder(server.engine)) {
      WriteFolder(open, server, *source, dump_start, progress);
    } else {
      const std::unique_ptr<ByteSource> dump = StartDump(context_, database_, *source, stop_);
      WriteWith(open, server, *source, dump_start, [&](const repository::BackupRequest& request) {
        return repository::WriteBackup(*open.repository, *dump, request, progress, stop_);
      });
    }
  }

  void WriteFolder(OpenRepository& open, const Server& server, sources::Source& source, TimePoint dump_start,
                   repository::BackupProgress* progress) {
    if (database_.average_blob_bytes == 0) {
      database_.average_blob_bytes =
          context_.catalogue->SetAverageBlobBytes(database_.company, database_.fiscal_year, kFolderAverageBlobBytes);
    }
    const std::unique_ptr<sources::FolderDump> folder = source.DumpFolder(stop_);
    WriteWith(open, server, source, dump_start, [&](repository::BackupRequest request) {
      const auto before =
          context_.catalogue->ListBackups({.company = database_.company, .fiscal_year = database_.fiscal_year});
      if (!before.empty()) request.parent = Digest::FromHex(before.front().snapshot_id);
      return repository::WriteFolderBackup(*open.repository, *folder, request, progress, stop_);
    });
    NoteLeftOut(folder->left_out());
  }

  // Calls write(request).
  template <typename Write>
  void WriteWith(OpenRepository& open, const Server& server, const sources::Source& source, TimePoint dump_start,
                 const Write& write) {
    const repository::BackupRequest request{
        .path = SnapshotPath(company_.id, order_.fiscal_year, source.DumpName()),
        .tags = SnapshotTags({.fiscal_year = order_.fiscal_year,
                              .engine = server.engine,
                              .reason = order_.reason,
                              .average_blob_bytes = database_.average_blob_bytes,
                              .method = database_.method,
                              .pinned_until = order_.pinned_until}),
        // The server's name, not this machine's: restic groups by host, and any node may make the next backup.
        .hostname = server.name,
        .username = "cofre",
        .average_blob_bytes = database_.average_blob_bytes,
        .dump_start = dump_start,
        .on_listed = [&](const repository::Listing& listing) { return Prepare(open, listing); },
        .on_stored = [&](const repository::BackupResult& result) { return Record(open, result); },
    };
    repository::BackupResult result;
    try {
      result = write(request);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kQuota || no_room_) throw;
      throw Error(ErrorKind::kQuota,
                  fmt::format("company {} uses {} of its {}, and this backup needs more than what is left: {}",
                              company_.id, HumanBytes(space_.used_bytes), HumanBytes(space_.limit_bytes), error.what()),
                  fmt::format("give it more room: cofre company set {} --space-limit GB", company_.id));
    }
    ForgetRemoved(result);
  }

  // Under the repository's lock, before anything is written. Returns how much room there is.
  uint64_t Prepare(OpenRepository& open, const repository::Listing& listing) {
    // Retention needs the zone once the snapshot is stored: that there is none is better known now, and reading it
    // costs nothing while the dump begins.
    (void)ZoneOf(context_, company_);
    open.stored_bytes = listing.stored_bytes;
    space_ = {listing.stored_bytes, company_.space_limit_bytes};
    no_room_ = planner::NextSpaceStep(space_, true) != planner::SpaceStep::kProceed;
    if (no_room_) throw NoRoom(company_, space_);
    SyncManifest(context_, open, company_, listing, stop_);
    space_.used_bytes = *open.stored_bytes;
    // From here on a snapshot may exist that the catalogue does not know.
    lock_.BeginDoubt();
    return space_.free_bytes();
  }

  // Under the repository's lock, once the snapshot exists. Returns the snapshots that it replaces.
  std::vector<Digest> Record(OpenRepository& open, const repository::BackupResult& result) {
    const auto recorded = ReadSnapshot(result.snapshot);
    if (!recorded)
      throw Error(ErrorKind::kPermanent, "the snapshot " + result.snapshot.id.Hex() + " is not as ordered");
    Backup backup = recorded->backup;
    backup.complete_at = context_.clock->Now();  // WriteBackup has found every object that it needs
    try {
      catalogue::Transaction transaction(*context_.catalogue);
      context_.require_claim();
      context_.catalogue->AddBackup(backup);
      transaction.Commit();
    } catch (const Error& error) {
      throw Error(error.kind(),
                  fmt::format("the backup {} is complete in the store, but the catalogue does not take it: {}",
                              recorded->backup.snapshot_id.substr(0, 8), error.what()),
                  "the next job of this company adds it; so does: cofre catalogue rebuild");
    }
    lock_.EndDoubt();
    *open.stored_bytes += result.bytes_stored;
    outcome_.unchanged = result.unchanged;
    outcome_.added_bytes = result.bytes_stored;
    unsound_packs_ = result.unsound_packs;
    outcome_.backup = backup;
    try {
      context_.require_claim();
      going_ = BackupsToRemove(context_, open, company_, order_.fiscal_year, recorded->backup.snapshot_id, stop_);
    } catch (const Error& error) {
      NoteNotRemoved(error);
    }
    if (!going_.empty()) lock_.BeginDoubt();
    return SnapshotsOf(going_);
  }

  // Their snapshots are gone; so go their rows.
  void ForgetRemoved(const repository::BackupResult& result) {
    if (going_.empty()) return;
    try {
      if (result.removal_error) throw Error(*result.removal_error);
      RemoveRows(context_, going_);
      lock_.EndDoubt();
      outcome_.forgotten = std::move(going_);
    } catch (const Error& error) {
      NoteNotRemoved(error);
    }
  }

  void NoteLeftOut(const sources::LeftOut& left_out) {
    if (left_out.count == 0) return;
    const std::string examples = fmt::format("{}", fmt::join(left_out.examples, ", "));
    Log(LogLevel::kInfo, "special_files_left_out",
        {{"company", company_.id}, {"count", std::to_string(left_out.count)}, {"such_as", examples}});
    if (!outcome_.warning.empty()) return;
    outcome_.warning =
        fmt::format("{} sockets, devices or pipes are not in the backup, such as {}", left_out.count, examples);
  }

  // The backup is made; nothing can unmake it.
  void NoteNotRemoved(const Error& error) {
    outcome_.warning = std::string("the backup is complete, but old ones were not removed: ") + error.what();
    Log(LogLevel::kWarning, "retention_failed", {{"company", company_.id}, {"error", error.what()}});
  }

  void NoteSpace() {
    try {
      UpdateCompanyState(context_, company_.id, [&](CompanyState& state) {
        state.stored_bytes = outcome_.space.used_bytes;
        state.measured_at = context_.clock->Now();
      });
    } catch (const Error& error) {
      Log(LogLevel::kWarning, "space_not_noted", {{"company", company_.id}, {"error", error.what()}});
    }
  }

  // Every reader loads all index files, so they are merged before they grow many; and lost packs, whose blobs this
  // backup has stored again, must not be in them. Where somebody else has a lock at this moment, a later backup does
  // it.
  void MergeIndex(OpenRepository& open) {
    constexpr size_t kIndexFilesToMerge = 20;
    if (unsound_packs_ == 0 && open.repository->KnownIndexFiles() <= kIndexFilesToMerge) return;
    try {
      repository::MergeIndexFiles(*open.repository, stop_);
    } catch (const Error& error) {
      Log(LogLevel::kInfo, "index_not_merged", {{"company", company_.id}, {"error", error.what()}});
    }
  }

  const Context& context_;
  const BackupOrder& order_;
  Company company_;
  Database database_;
  CompanyLock& lock_;
  std::stop_token stop_;

  Space space_;
  uint64_t unsound_packs_ = 0;
  bool no_room_ = false;
  bool replaced_ = false;
  std::vector<Backup> going_;
  BackupOutcome outcome_;
};

}  // namespace

BackupOutcome RunBackup(const Context& context, const BackupOrder& order, repository::BackupProgress* progress,
                        const std::stop_token& stop) {
  Company company = context.catalogue->GetCompany(order.company);
  Database database = context.catalogue->GetDatabase(order.company, order.fiscal_year);
  CompanyLock lock(context.lock_folder, company.id, fmt::format("backup of {}", order.fiscal_year),
                   context.clock->Now());
  TakeDoubt(context, company.id, lock);
  BackupOutcome outcome;
  JobRecord record(context, {.kind = JobKind::kBackup, .company = company.id, .fiscal_year = order.fiscal_year});
  const std::string id = company.id;
  BackupJob job(context, order, std::move(company), std::move(database), lock, stop);
  record.Run(
      [&] {
        const DoubtNote note(context, id, lock);
        outcome = job.Run(progress);
        record.SetBackup(outcome.backup, outcome.added_bytes);
        record.SetMessage(outcome.warning);
      },
      stop);
  return outcome;
}

}  // namespace cofre::engine
