#include "repository/index/rewrite_index.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "repository/delete_objects.h"

namespace cofre::repository {

void RewriteIndex(Repository::State& state, std::span<const IndexedPack> packs, const RepositoryLock& exclusive,
                  std::stop_token stop) {
  const std::vector<Digest> old_files = state.index.IndexFiles();
  for (size_t begin = 0; begin < packs.size();) {
    size_t end = begin;
    for (size_t blobs = 0; end < packs.size() && blobs < kMaxIndexFileBlobs; ++end) blobs += packs[end].blobs.size();
    (void)state.SaveIndex(packs.subspan(begin, end - begin), stop);
    begin = end;
  }
  exclusive.RequireHeld();
  DeleteObjects(state, FileKind::kIndex, old_files, stop);
  state.index.RemoveIndexFiles(old_files);
}

}  // namespace cofre::repository
