#include "repository/prune/prune_plan.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "repository/packs/pack_writer.h"
#include "repository/repository_state.h"

namespace cofre::repository {
namespace {

// A pack below this size is small, and this many small ones of a type are merged: each costs a request and a place in a
// listing, yet merging them after each backup would upload the same bytes every day.
constexpr uint64_t kSmallPackBytes = kDefaultPackBytes / 16;
constexpr size_t kSmallPacksToMerge = 10;

struct Candidate {
  IndexedPack pack;
  std::vector<PackedBlob> used;
  uint64_t used_bytes = 0;
  uint64_t unused_bytes = 0;
  bool mixed = false;
  bool small = false;
  bool repack = false;

  // None of its blobs is unused.
  bool whole() const { return used.size() == pack.blobs.size(); }
  BlobType type() const { return pack.blobs.front().type; }
  double waste() const { return static_cast<double>(unused_bytes) / static_cast<double>(used_bytes + unused_bytes); }
};

uint64_t NeededBytes(const IndexedPack& pack, const UsedBlobs& used) {
  uint64_t bytes = 0;
  for (const PackedBlob& blob : pack.blobs) bytes += used.Contains(blob) ? blob.length : 0;
  return bytes;
}

// Gives each needed blob to one pack: to the one with most needed bytes, so that the others can go.
std::vector<Candidate> AssignBlobs(std::vector<IndexedPack> packs, const UsedBlobs& used) {
  std::vector<std::pair<uint64_t, size_t>> order;
  for (size_t i = 0; i < packs.size(); ++i) order.emplace_back(NeededBytes(packs[i], used), i);
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : packs[a.second].id < packs[b.second].id;
  });

  UsedBlobs unassigned = used;
  std::vector<Candidate> candidates;
  for (const auto& [needed, position] : order) {
    Candidate candidate{.pack = std::move(packs[position])};
    for (const PackedBlob& blob : candidate.pack.blobs) {
      auto& wanted = blob.type == BlobType::kTree ? unassigned.trees : unassigned.data;
      if (wanted.erase(blob.id) > 0) {
        candidate.used.push_back(blob);
        candidate.used_bytes += blob.length;
      } else {
        candidate.unused_bytes += blob.length;
      }
      candidate.mixed |= blob.type != candidate.type();
    }
    candidate.small = PackBytes(candidate.pack.blobs) < kSmallPackBytes;
    candidates.push_back(std::move(candidate));
  }
  for (const auto& [wanted, kind] : {std::pair{&unassigned.data, "data"}, std::pair{&unassigned.trees, "tree"}}) {
    if (wanted->empty()) continue;
    throw Error(ErrorKind::kCorrupt,
                std::string("no pack in the store holds the ") + kind + " blob " + wanted->begin()->Hex() +
                    " that a snapshot needs; nothing was removed",
                "cofre verify says which backups are damaged; forget those first");
  }
  return candidates;
}

// Small packs are merged once there are enough of them.
void ChooseSmallPacks(std::vector<Candidate>& candidates) {
  for (const BlobType type : {BlobType::kData, BlobType::kTree}) {
    const auto counts = [type](const Candidate& pack) {
      return pack.small && !pack.used.empty() && pack.type() == type;
    };
    if (static_cast<size_t>(std::count_if(candidates.begin(), candidates.end(), counts)) < kSmallPacksToMerge) continue;
    for (Candidate& pack : candidates) pack.repack |= counts(pack);
  }
}

// The most wasteful packs, until little enough is unused.
void ChooseWastefulPacks(std::vector<Candidate>& candidates, double max_unused) {
  uint64_t used_bytes = 0;
  uint64_t unused_bytes = 0;
  std::vector<Candidate*> partly;
  for (Candidate& pack : candidates) {
    used_bytes += pack.used_bytes;
    if (pack.repack || pack.used.empty() || pack.whole()) continue;
    unused_bytes += pack.unused_bytes;
    partly.push_back(&pack);
  }
  std::stable_sort(partly.begin(), partly.end(),
                   [](const Candidate* a, const Candidate* b) { return a->waste() > b->waste(); });
  for (Candidate* pack : partly) {
    const double allowed = max_unused * static_cast<double>(used_bytes + unused_bytes);
    if (static_cast<double>(unused_bytes) <= allowed) return;
    pack->repack = true;
    unused_bytes -= pack->unused_bytes;
  }
}

void Sort(std::vector<Candidate> candidates, PrunePlan& plan) {
  for (Candidate& pack : candidates) {
    if (pack.used.empty()) {
      plan.remove.push_back(pack.pack.id);
    } else if (pack.repack) {
      plan.bytes_moved += pack.used_bytes;
      plan.repack.push_back({pack.pack.id, std::move(pack.used)});
    } else {
      plan.unused_bytes_left += pack.unused_bytes;
      plan.keep.push_back(std::move(pack.pack));
    }
  }
}

}  // namespace

PrunePlan PlanPrune(std::vector<IndexedPack> indexed, const PackSizes& stored, const UsedBlobs& used,
                    const PruneOptions& options) {
  PrunePlan plan;
  std::unordered_set<Digest, DigestHash> listed;
  std::vector<IndexedPack> present;
  for (IndexedPack& pack : indexed) {
    listed.insert(pack.id);
    const auto size = stored.find(pack.id);
    if (size == stored.end()) {
      plan.lost.push_back(pack.id);
    } else if (size->second != PackBytes(pack.blobs)) {
      // Cut short or overgrown: nothing in it counts, and where nothing else has its blobs, AssignBlobs refuses.
      plan.remove.push_back(pack.id);
    } else if (!pack.blobs.empty()) {
      present.push_back(std::move(pack));
    } else {
      plan.remove.push_back(pack.id);
    }
  }
  for (const auto& [id, size] : stored) {
    plan.bytes_before += size;
    if (!listed.contains(id)) plan.unindexed.push_back(id);
  }

  std::vector<Candidate> candidates = AssignBlobs(std::move(present), used);
  // restic keeps data and trees apart since version 2; so a mixed pack is an old or a foreign one.
  for (Candidate& pack : candidates) pack.repack = pack.mixed && !pack.used.empty();
  ChooseSmallPacks(candidates);
  ChooseWastefulPacks(candidates, options.max_unused);
  Sort(std::move(candidates), plan);
  return plan;
}

}  // namespace cofre::repository
