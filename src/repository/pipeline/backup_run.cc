#include "repository/pipeline/backup_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <system_error>

#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "repository/delete_objects.h"
#include "repository/pipeline/soundness.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

// More than a snapshot object of ours ever has; asked for before its size is known.
constexpr uint64_t kSnapshotBytesAtMost = 2048;

void RequireValid(const BackupRequest& request) {
  RequireValidSnapshotPath(request.path);
  SizesForAverage(request.average_blob_bytes);
  for (const std::string& tag : request.tags) {
    if (tag.empty() || tag.find(',') != std::string::npos) {
      throw Error(ErrorKind::kUsage, "\"" + tag + "\" is not a tag", "tags have no comma and at least one character");
    }
  }
}

GearTable TableOf(const MasterKey& key) {
  Bytes bytes;
  bytes.reserve(64);
  bytes.insert(bytes.end(), key.encrypt.begin(), key.encrypt.end());
  bytes.insert(bytes.end(), key.mac_k.begin(), key.mac_k.end());
  bytes.insert(bytes.end(), key.mac_r.begin(), key.mac_r.end());
  GearTable table = GearTable::FromKey(bytes);
  std::fill(bytes.begin(), bytes.end(), 0);
  return table;
}

int64_t DayOf(TimePoint time) { return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count(); }

}  // namespace

BackupRun::BackupRun(Repository& repository, const BackupRequest& request, const BackupTuning& tuning,
                     BackupProgress& progress, std::stop_token stop)
    : state_(repository.state()),
      request_(request),
      tuning_(tuning),
      progress_(progress),
      failure_(stop),
      stop_(std::move(stop)),
      table_(TableOf(state_.sealer.key())),
      added_(request.added_bytes_limit) {}

BackupResult BackupRun::Perform() {
  start_ = request_.dump_start.value_or(state_.environment.clock->Now());
  failure_.Guard([&] {
    StreamPump pump(stream(), table_, SizesForAverage(request_.average_blob_bytes), tuning_.pump, progress_, failure_);
    Begin(pump);
    Listing listing;
    RepositoryLock lock(state_, LockMode::kShared, stop_, listing);
    const std::stop_callback when_lost(lock.token(), [this] { failure_.Stop(); });
    if (request_.on_listed) added_.SetLimit(request_.on_listed(listing));
    state_.LoadIndexFiles(listing.index_files, failure_.token());
    result_.unsound_packs = SetAsideUnsoundPacks(state_, listing);
    Write(pump, lock);
    Conclude(lock);
  });
  // The next operation must see them again, and say what is wrong.
  if (result_.unsound_packs > 0) state_.index = BlobIndex();
  failure_.Rethrow();
  // An order to stop that came later than the backup changes nothing.
  if (!concluded_) RequireGoingOn();
  return result_;
}

void BackupRun::RequireGoingOn() const {
  failure_.Rethrow();
  if (failure_.token().stop_requested()) throw Error(ErrorKind::kCancelled, "the backup was cancelled");
}

void BackupRun::Write(StreamPump& pump, const RepositoryLock& lock) {
  KnownBlobs known(state_.index);
  const auto admit = [this](uint64_t bytes) { added_.Admit(bytes); };
  const auto stored = [this](uint64_t bytes) {
    added_.Count(bytes);
    progress_.bytes_uploaded += bytes;
  };
  PackWriter writer(state_, {tuning_.pack_bytes, tuning_.uploads, admit, stored}, failure_.token());
  IndexKeeper keeper(state_, known, writer, added_, tuning_.index);
  Writing writing{pump, writer, keeper, known};
  try {
    result_.unchanged = true;
    WriteContent(writing);
    lock.RequireHeld();
    WriteSnapshot();
  } catch (const Error& error) {
    failure_.Record(std::current_exception());
    // A lost lock looks like a cancellation to the threads.
    if (error.kind() == ErrorKind::kCancelled) lock.RequireHeld();
    if (error.kind() == ErrorKind::kQuota) RemoveWhatIsStored(writer, keeper, lock.token());
    throw;
  }
}

void BackupRun::PumpInto(Writing& writing, ContentSink& sink) {
  SplitPolicy policy(state_.index.blob_count() == 0, DayOf(start_));
  ContentCollector collector(writing.writer, sink, [&](std::unique_ptr<Block> block) {
    writing.keeper.WriteIfDue(failure_.token());
    writing.pump.Recycle(std::move(block));
  });
  writing.pump.Run(
      {state_.sealer, table_, SizesForAverage(tuning_.fine_average_bytes), writing.known, policy, progress_},
      collector);
  // Only a failure of the source is no order to stop.
  if (failure_.failed() && !failure_.token().stop_requested()) KeepWhatIsStored(writing.writer, writing.keeper);
  RequireGoingOn();
  result_.blobs = collector.blobs();
  result_.new_blobs = collector.new_blobs();
}

void BackupRun::StoreTree(Writing& writing, BlobEncoder& encoder, const TreeBlob& tree) {
  if (!writing.known.Claim(BlobType::kTree, tree.id)) return;
  result_.unchanged = false;
  ++summary_.tree_blobs;
  const EncodedBlob blob = encoder.Encode(BlobType::kTree, tree.id, AsBytes(tree.json), kFastCompression);
  writing.writer.Add(BlobType::kTree, blob.id, blob.uncompressed_length, blob.sealed);
}

void BackupRun::WriteSnapshot() {
  Snapshot snapshot;
  snapshot.time = start_;
  snapshot.tree = result_.snapshot.tree;
  snapshot.paths = {request_.path};
  snapshot.hostname = request_.hostname;
  snapshot.username = request_.username;
  snapshot.tags = request_.tags;
  snapshot.program_version = fmt::format("cofre {}", kVersion);
  snapshot.summary = summary_;
  snapshot.summary.data_added = progress_.bytes_new;
  snapshot.summary.data_added_packed = added_.stored();
  snapshot.summary.data_blobs = result_.new_blobs;
  snapshot.summary.backup_start = start_;
  snapshot.summary.backup_end = state_.environment.clock->Now();
  snapshot.has_summary = true;

  added_.Admit(kSnapshotBytesAtMost);
  const SavedFile file = state_.SaveUnpacked(FileKind::kSnapshot, SnapshotToJson(snapshot), failure_.token());
  added_.Count(file.stored_bytes);
  snapshot.id = file.id;
  result_.snapshot = std::move(snapshot);
  result_.bytes_read = summary_.total_bytes_processed;
  result_.bytes_new = progress_.bytes_new;
  result_.bytes_stored = added_.stored();
}

void BackupRun::Conclude(RepositoryLock& lock) {
  const std::vector<Digest> removed = request_.on_stored ? request_.on_stored(result_) : std::vector<Digest>();
  concluded_ = true;
  if (removed.empty()) return;
  std::vector<std::string> keys;
  keys.reserve(removed.size());
  for (const Digest& id : removed) keys.push_back(KeyOf(FileKind::kSnapshot, id));
  try {
    const std::vector<storage::DeleteFailure> failures = lock.ReleaseWith(keys);
    if (failures.empty()) return;
    result_.removal_error = NotDeleted(*state_.store, failures);
  } catch (const Error& error) {
    result_.removal_error = error;
  }
}

// After a failure of the source: the next backup finds the blobs that are in full packs.
void BackupRun::KeepWhatIsStored(PackWriter& writer, IndexKeeper& keeper) {
  try {
    writer.Settle();
    keeper.Write(failure_.token());
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "stored_blobs_not_listed", {{"path", request_.path}, {"error", error.what()}});
  }
}

// After a stop at the space limit.
void BackupRun::RemoveWhatIsStored(PackWriter& writer, const IndexKeeper& keeper, std::stop_token stop) {
  try {
    writer.Settle();
    std::vector<std::string> keys;
    for (const Digest& pack : keeper.UnlistedPacks()) keys.push_back(KeyOf(FileKind::kPack, pack));
    if (keys.empty()) return;
    for (const storage::DeleteFailure& failure : state_.store->DeleteMany(keys, std::move(stop))) {
      throw Error(ErrorKind::kTransient, failure.key + ": " + failure.message);
    }
  } catch (const Error& error) {
    Log(LogLevel::kWarning, "packs_beyond_the_limit_left_for_prune",
        {{"path", request_.path}, {"error", error.what()}});
  }
}

BackupResult PerformBackup(const BackupRequest& request, BackupProgress* progress,
                           const std::function<BackupResult(BackupProgress& progress)>& perform) try {
  RequireValid(request);
  BackupProgress unwatched;
  BackupProgress& watched = progress != nullptr ? *progress : unwatched;
  watched.bytes_read = 0;
  watched.bytes_new = 0;
  watched.bytes_uploaded = 0;
  return perform(watched);
} catch (const std::system_error& error) {
  throw SystemError(error.code().value(), "cannot start a thread of a backup");
} catch (const std::bad_alloc&) {
  throw Error(ErrorKind::kTransient, "not enough memory for a backup of " + request.path);
}

}  // namespace cofre::repository
