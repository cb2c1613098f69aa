#include "repository/pipeline/soundness.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"

namespace cofre::repository {
namespace {

Error Vanished(const Repository::State& state) {
  return {ErrorKind::kTransient,
          "something that this backup needs has vanished from " + state.store->Describe() + " while it ran",
          "does somebody delete there, or prune without a lock? Try again"};
}

}  // namespace

uint64_t SetAsideUnsoundPacks(Repository::State& state, const Listing& listing) {
  const std::vector<Digest> unsound = UnsoundPacks(listing, state.index, state.index.Packs());
  for (const Digest& pack : unsound) {
    Log(LogLevel::kWarning, "pack_missing_or_damaged",
        {{"pack", KeyOf(FileKind::kPack, pack)}, {"store", state.store->Describe()}});
  }
  state.index.RemovePacks(unsound);
  return unsound.size();
}

void RequireAllThere(Repository::State& state, std::span<const Digest> content, std::span<const Digest> trees,
                     std::stop_token stop) {
  const Listing listing = state.ListEverything(std::move(stop));
  state.DropVanishedIndexFiles(listing.index_files);
  std::unordered_set<Digest, DigestHash> packs;
  const auto note = [&](BlobType type, std::span<const Digest> blobs) {
    for (const Digest& blob : blobs) {
      const auto location = state.index.Find(type, blob);
      if (!location) return false;
      packs.insert(location->pack);
    }
    return true;
  };
  if (note(BlobType::kData, content) && note(BlobType::kTree, trees) &&
      UnsoundPacks(listing, state.index, {packs.begin(), packs.end()}).empty()) {
    return;
  }
  throw Vanished(state);
}

void RequireAllThere(Repository::State& state, const std::set<Digest>& packs, std::stop_token stop) {
  const Listing listing = state.ListEverything(std::move(stop));
  state.DropVanishedIndexFiles(listing.index_files);
  const bool listed = std::ranges::all_of(packs, [&](const Digest& pack) { return state.index.HasPack(pack); });
  if (!listed || !UnsoundPacks(listing, state.index, {packs.begin(), packs.end()}).empty()) throw Vanished(state);
}

}  // namespace cofre::repository
