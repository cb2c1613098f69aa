#pragma once

// One backup of one database: dump, deduplicate, encrypt, upload, all at once (repository/backup.h), then the
// catalogue, then retention.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/snapshot_record.h"
#include "engine/space.h"
#include "repository/backup.h"

namespace cofre::engine {

struct BackupOrder {
  std::string company;
  int fiscal_year = 0;
  JobReason reason = JobReason::kManual;
  std::optional<TimePoint> pinned_until;
};

struct BackupOutcome {
  Backup backup;
  bool unchanged = false;         // the same bytes as an earlier one
  uint64_t added_bytes = 0;       // all objects that it added to the bucket, snapshot and index included
  Space space;                    // after it
  std::vector<Backup> forgotten;  // by retention
  // What failed after the backup was complete and recorded, such as retention; or what of a folder is no file and so
  // not in it. Empty: nothing.
  std::string warning;
};

// Blocks until the backup is complete and in the catalogue. `progress` may be null. Throws not_found (company,
// database, repository lost), transient (company busy, somebody prunes), quota, and what the source and the store
// throw; then the catalogue is as it was and the repository consistent. Where the catalogue can't be written once the
// snapshot exists, the next job of the company mends it (company_lock.h).
BackupOutcome RunBackup(const Context& context, const BackupOrder& order, repository::BackupProgress* progress,
                        const std::stop_token& stop);

}  // namespace cofre::engine
