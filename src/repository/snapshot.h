#pragma once

// A snapshot: one restore point, the object that makes a backup exist. Format: restic's design.rst, "Snapshots".

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"

namespace cofre::repository {

struct SnapshotSummary {
  uint64_t total_bytes_processed = 0;  // of the dump, or of all files
  uint64_t files_new = 0;              // looked at anew; a dump is one
  uint64_t files_unmodified = 0;       // not read, as they are in an earlier backup
  uint64_t tree_blobs = 0;             // new ones
  uint64_t data_added = 0;             // bytes new to the repository, before compression
  uint64_t data_added_packed = 0;      // the same as stored
  uint64_t data_blobs = 0;             // new ones
  TimePoint backup_start{};
  TimePoint backup_end{};
};

struct Snapshot {
  Digest id{};  // SHA-256 of the stored object, which is its name; not part of the JSON
  TimePoint time{};
  Digest tree{};
  std::vector<std::string> paths;  // restic's `paths`; ours have exactly one
  std::string hostname;
  std::string username;
  std::vector<std::string> tags;  // without commas
  std::string program_version;
  SnapshotSummary summary;  // zeros where the snapshot has none (restic before 0.17)
  bool has_summary = false;
};

// JSON in restic's field order, and back. Parsing throws kind corrupt; unknown fields are ignored.
std::string SnapshotToJson(const Snapshot& snapshot);
Snapshot SnapshotFromJson(ByteView json);

}  // namespace cofre::repository
