#include "repository/pipeline/index_keeper.h"

namespace cofre::repository {
namespace {

// More than an index file of so many blobs has ever had (44 to 48 bytes a blob); asked for before its size is known.
uint64_t IndexBytesAtMost(size_t packs, size_t blobs) { return 256 + 96 * packs + 64 * blobs; }

}  // namespace

IndexKeeper::IndexKeeper(Repository::State& state, KnownBlobs& known, PackWriter& writer, AddedBytes& added,
                         const IndexIntervals& intervals)
    : state_(state),
      known_(known),
      writer_(writer),
      added_(added),
      intervals_(intervals),
      last_write_(state.environment.clock->Monotonic()) {}

void IndexKeeper::WriteIfDue(std::stop_token stop) {
  const size_t blobs = writer_.stored_blobs();
  if (blobs == 0) return;
  if (blobs < intervals_.blobs && state_.environment.clock->Monotonic() - last_write_ < intervals_.time) return;
  Write(std::move(stop));
}

void IndexKeeper::Write(std::stop_token stop) {
  const std::vector<IndexedPack> packs = writer_.TakeStored();
  last_write_ = state_.environment.clock->Monotonic();
  if (packs.empty()) return;
  IndexWriter json;
  for (const IndexedPack& pack : packs) json.AddPack(pack.id, pack.blobs);
  added_.Admit(IndexBytesAtMost(json.pack_count(), json.blob_count()));
  for (const IndexedPack& pack : packs) listed_.insert(pack.id);
  const SavedFile file = state_.SaveUnpacked(FileKind::kIndex, json.Finish(), std::move(stop));
  added_.Count(file.stored_bytes);
  known_.AddIndexFile(file.id, packs);
}

std::vector<Digest> IndexKeeper::UnlistedPacks() const {
  std::vector<Digest> packs = writer_.AttemptedPacks();
  std::erase_if(packs, [&](const Digest& pack) { return listed_.contains(pack); });
  return packs;
}

}  // namespace cofre::repository
