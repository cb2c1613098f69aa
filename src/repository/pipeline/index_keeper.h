#pragma once

// Writes index files for the packs that a backup has stored: now and then during a long one, so that a crash half way
// loses little, and at its end.

#include <cstdint>
#include <set>

#include "base/clock.h"
#include "repository/packs/pack_writer.h"
#include "repository/pipeline/added_bytes.h"
#include "repository/pipeline/known_blobs.h"
#include "repository/repository_state.h"

namespace cofre::repository {

struct IndexIntervals {
  size_t blobs = 8'000;  // of the 50,000 that a file may list: it is made in memory, 170 bytes a blob, thrice over
  Duration time = std::chrono::minutes(10);
};

// Used by one thread at a time.
class IndexKeeper {
 public:
  // The references outlive the keeper.
  IndexKeeper(Repository::State& state, KnownBlobs& known, PackWriter& writer, AddedBytes& added,
              const IndexIntervals& intervals);

  // Writes an index file where the last one is long ago, in blobs or in time.
  void WriteIfDue(std::stop_token stop);
  // For every pack stored so far that is in none yet.
  void Write(std::stop_token stop);

  // Packs of this backup that index files list.
  const std::set<Digest>& listed_packs() const { return listed_; }
  // Packs of this backup that no index file lists: nobody else can use them, so they may be removed.
  std::vector<Digest> UnlistedPacks() const;

 private:
  Repository::State& state_;
  KnownBlobs& known_;
  PackWriter& writer_;
  AddedBytes& added_;
  const IndexIntervals intervals_;
  Duration last_write_;
  std::set<Digest> listed_;  // also those whose index file may be there, after an error
};

}  // namespace cofre::repository
