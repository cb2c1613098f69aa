#pragma once

// Looks for damage. Finds every flipped, cut, missing, swapped or misnamed object; `restic check --read-data` finds the
// same but for sizes, which it does not compare.

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "repository/repository.h"

namespace cofre::repository {

struct CheckOptions {
  bool read_data =
      false;  // download every pack and look at every blob, not only at sizes, indexes, snapshots and trees
  std::atomic<uint64_t>* bytes_read = nullptr;  // may be null; of packs, so far
};

struct CheckProblem {
  std::string object;  // key in the store, such as "data/ab/ab12…"
  std::string message;
};

struct CheckReport {
  std::vector<CheckProblem> problems;  // empty: all is well
  std::vector<std::string> hints;      // harmless: unreferenced packs, packs listed twice
  uint64_t snapshots = 0;
  uint64_t packs = 0;
  uint64_t blobs = 0;
  uint64_t bytes_read = 0;  // of packs
};

// Takes restic's exclusive lock, as restic's own check does. Damage is reported, not thrown; Error is thrown where the
// store does not answer or the lock cannot be had. Reads everything from the store, nothing from this process's caches.
CheckReport Check(Repository& repository, const CheckOptions& options, std::stop_token stop);

// The cheap form after each backup: the snapshot, its trees, the index files that list its blobs, and every pack that
// it needs are in the store, the packs with the right sizes. Three requests as a rule: one listing, the snapshot, a
// tree pack. Takes no lock, since what it finds complete is complete; where something seems to be missing it looks once
// more under the non-exclusive lock before it throws corrupt. Throws not_found where there is no such snapshot.
void RequireComplete(Repository& repository, const Digest& snapshot_id, std::stop_token stop);

}  // namespace cofre::repository
