#include "repository/prune.h"

#include <string>
#include <utility>

#include "base/error.h"
#include "repository/delete_objects.h"
#include "repository/index/rewrite_index.h"
#include "repository/locks/lock.h"
#include "repository/prune/prune_plan.h"
#include "repository/prune/repack.h"
#include "repository/prune/used_blobs.h"

namespace cofre::repository {
namespace {

// A prune that changes no pack still merges index files beyond this many.
constexpr size_t kMaxIndexFiles = 4;

PackSizes ListPacks(Repository::State& state, const std::stop_token& stop) {
  PackSizes sizes;
  state.store->List(
      std::string(FolderOf(FileKind::kPack)),
      [&](const storage::ObjectInfo& object) {
        if (const auto id = IdOfKey(FileKind::kPack, object.key)) sizes.emplace(*id, object.size);
      },
      stop);
  return sizes;
}

std::vector<IndexedPack> IndexedPacks(const BlobIndex& index) {
  std::vector<IndexedPack> packs;
  packs.reserve(index.pack_count());
  index.VisitPacks([&](const IndexedPack& pack) { packs.push_back(pack); });
  return packs;
}

// Packs first, then the index, then the snapshots, the reverse of the order in which a backup writes them: were
// somebody to back up without a lock, what it adds meanwhile would be a pack that is not touched, or a snapshot whose
// blobs no index lists, which makes this prune refuse.
PrunePlan MakePlan(Repository::State& state, const PruneOptions& options, const std::stop_token& stop) {
  const PackSizes packs = ListPacks(state, stop);
  state.RefreshIndex(stop);
  const UsedBlobs used = FindUsedBlobs(state, state.ListSnapshots(stop), stop);
  return PlanPrune(IndexedPacks(state.index), packs, used, options);
}

// The order matters: docs/repository.md, "Prune". Each delete is asked for only while the lock is surely ours.
void Perform(Repository::State& state, PrunePlan& plan, PruneReport& report, const RepositoryLock& lock) {
  const std::stop_token stop = lock.token();
  lock.RequireHeld();
  DeleteObjects(state, FileKind::kPack, plan.unindexed, stop);

  std::vector<IndexedPack> moved = Repack(state, plan.repack, stop);
  for (const IndexedPack& pack : moved) report.bytes_after += PackBytes(pack.blobs);
  if (plan.changes_packs() || report.index_files_before > kMaxIndexFiles) {
    std::vector<IndexedPack> packs = std::move(plan.keep);
    std::move(moved.begin(), moved.end(), std::back_inserter(packs));
    RewriteIndex(state, packs, lock, stop);
  }
  std::vector<Digest> removed = std::move(plan.remove);
  for (const PrunedPack& pack : plan.repack) removed.push_back(pack.id);
  lock.RequireHeld();
  DeleteObjects(state, FileKind::kPack, removed, stop);
  report.index_files_after = state.index.IndexFiles().size();
}

}  // namespace

void ForgetSnapshots(Repository& repository, std::span<const Digest> snapshot_ids, std::stop_token stop) {
  if (snapshot_ids.empty()) return;
  Repository::State& state = repository.state();
  const RepositoryLock lock(state, LockMode::kShared, std::move(stop));
  lock.RequireHeld();
  DeleteObjects(state, FileKind::kSnapshot, snapshot_ids, lock.token());
}

PruneReport Prune(Repository& repository, const PruneOptions& options, std::stop_token stop) {
  Repository::State& state = repository.state();
  const RepositoryLock lock(state, LockMode::kExclusive, std::move(stop));
  PrunePlan plan = MakePlan(state, options, lock.token());

  PruneReport report;
  report.packs_deleted = plan.unindexed.size() + plan.remove.size() + plan.repack.size();
  report.packs_repacked = plan.repack.size();
  report.index_files_before = state.index.IndexFiles().size();
  report.index_files_after = report.index_files_before;
  report.bytes_before = plan.bytes_before;
  report.unused_bytes_left = plan.unused_bytes_left;
  for (const IndexedPack& pack : plan.keep) report.bytes_after += PackBytes(pack.blobs);
  if (options.dry_run) {
    report.bytes_after += plan.bytes_moved;
    return report;
  }
  try {
    Perform(state, plan, report, lock);
  } catch (const Error& error) {
    // A lost lock looks like a cancellation to the requests.
    if (error.kind() == ErrorKind::kCancelled) lock.RequireHeld();
    throw;
  }
  return report;
}

bool MergeIndexFiles(Repository& repository, std::stop_token stop) {
  Repository::State& state = repository.state();
  const RepositoryLock lock(state, LockMode::kExclusive, std::move(stop));
  const Listing listing = state.ListEverything(lock.token());
  state.LoadIndexFiles(listing.index_files, lock.token());
  std::vector<Digest> lost = state.index.Packs();
  std::erase_if(lost, [&](const Digest& pack) { return listing.packs.contains(pack); });
  if (lost.empty() && state.index.IndexFiles().size() <= kMaxIndexFiles) return false;
  state.index.RemovePacks(lost);
  RewriteIndex(state, IndexedPacks(state.index), lock, lock.token());
  return true;
}

}  // namespace cofre::repository
