#pragma once

// How a backup is written on its snapshot, so that bucket and master key are enough to know it again.
//
// Path: "/<company>/<year>/<dump name>". Tags: "year=2025", "engine=firebird", "kind=manual", "blob=65536" (average
// blob bytes), "method=physical" where it is a copy of the database's pages, and "pinned=2026-12-31T00:00:00Z" for one
// that was pinned from the beginning.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/backup.h"
#include "model/company.h"
#include "repository/snapshot.h"

namespace cofre::engine {

struct SnapshotRecord {
  int fiscal_year = 0;
  Engine engine = Engine::kFirebird;
  JobReason reason = JobReason::kManual;
  uint32_t average_blob_bytes = 0;
  DumpMethod method = DumpMethod::kLogical;
  std::optional<TimePoint> pinned_until;
};

std::vector<std::string> SnapshotTags(const SnapshotRecord& record);
std::string SnapshotPath(const std::string& company, int fiscal_year, const std::string& dump_name);

// What a snapshot of ours says. Tags win over the path, and where there are none the path alone tells company and year.
struct RecordedSnapshot {
  Backup backup;  // as it goes to the catalogue
  std::optional<Engine> engine;
  uint32_t average_blob_bytes = 0;  // 0: not said
};

// nullopt for a snapshot that Cofre did not make: somebody's own use of restic in the same repository.
std::optional<RecordedSnapshot> ReadSnapshot(const repository::Snapshot& snapshot);

}  // namespace cofre::engine
