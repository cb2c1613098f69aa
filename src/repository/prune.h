#pragma once

// Removing: snapshots first (forget), then what nobody refers to (prune). Orders of writes and deletes are in
// docs/repository.md; after a crash at any point every remaining snapshot is whole and the next prune finishes the
// work.

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "repository/repository.h"

namespace cofre::repository {

// Deletes these snapshot objects; ids that are gone already are no error. Frees no space by itself. Under the
// non-exclusive lock (a prune cannot run meanwhile). Throws where one could not be deleted: it may be there still.
void ForgetSnapshots(Repository& repository, std::span<const Digest> snapshot_ids, std::stop_token stop);

struct PruneOptions {
  // Partly used packs are repacked, the most wasteful first, until at most this share of the stored blob bytes is
  // unused.
  double max_unused = 0.05;
  bool dry_run = false;
};

struct PruneReport {
  uint64_t packs_deleted = 0;
  uint64_t packs_repacked = 0;
  uint64_t index_files_before = 0;
  uint64_t index_files_after = 0;
  uint64_t bytes_before = 0;  // all packs
  uint64_t bytes_after = 0;
  uint64_t unused_bytes_left = 0;
};

// Under restic's exclusive lock for its whole run: throws transient where anybody else has a lock. Throws corrupt and
// changes nothing where a blob that a snapshot needs is missing. Also merges small packs and index files, and removes
// stale locks and leftovers of crashed uploads.
PruneReport Prune(Repository& repository, const PruneOptions& options, std::stop_token stop);

// Writes one index file (or a few full ones) in place of many, so that opening stays quick; each changed backup adds
// one. Packs that are gone from the store are listed no more (as by `restic repair index`), so that readers find the
// copies that a later backup has made of their blobs. Touches no pack. Under the exclusive lock: throws transient where
// anybody else has one, and then nothing needs to be done about it. Returns whether there was anything to do.
bool MergeIndexFiles(Repository& repository, std::stop_token stop);

}  // namespace cofre::repository
