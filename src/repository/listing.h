#pragma once

// Everything that a repository holds, from one listing.

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "repository/index/blob_index.h"
#include "storage/object_store.h"

namespace cofre::repository {

struct Listing {
  std::vector<storage::ObjectInfo> locks;
  std::vector<Digest> key_files;
  std::vector<Digest> index_files;
  std::unordered_map<Digest, uint64_t, DigestHash> packs;  // with their sizes
  std::unordered_map<Digest, uint64_t, DigestHash> snapshots;
  std::map<std::string, storage::ObjectInfo, std::less<>> others;  // "config", "cofre/..."
  uint64_t stored_bytes = 0;                                       // of every object, but for locks
};

// One request for each 1,000 objects. Throws rather than return too little.
//
// A listing is no picture of one moment: what is deleted while it runs may be in it though what was deleted later is
// not. So whoever builds on what it says, and on the absence of an exclusive lock in it, lists once more before others
// see the result (docs/decisions/0023).
Listing ListEverything(storage::ObjectStore& store, std::stop_token stop);

// Of these packs, those that are not there with the size that the index says.
std::vector<Digest> UnsoundPacks(const Listing& listing, const BlobIndex& index, const std::vector<Digest>& packs);

}  // namespace cofre::repository
