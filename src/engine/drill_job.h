#pragma once

// The restore drill: only a restore proves a backup.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/context.h"
#include "repository/restore.h"

namespace cofre::engine {

struct DrillOutcome {
  Backup backup;
  std::string problem;  // empty: it passed
  std::optional<uint64_t> tables;
  std::optional<repository::FolderContents> folder;  // of one of files
};

// Restores the newest backup of a database into a scratch folder of this machine with its engine's own tools, lets them
// check it (Firebird: gfix -v -full), counts its tables and removes it; nothing of the company's server is touched
// then. A folder is read again and its entries and bytes are compared with what the snapshot has. Databases of
// PostgreSQL and MariaDB live on servers only: theirs is restored on the company's own, as a database
// "cofre-drill-COMPANY-YEAR", which is dropped however it ends; one that a killed drill has left goes first. What came
// of it stands on the backup in the catalogue and in the manifest; a problem is told, not thrown (the job's row is
// failed as corrupt). Throws transient and cancelled, which say nothing of the backup, and not_found where there is
// none. `progress` may be null. Needs room for the database in `scratch_folder`, which is made where it is missing, or
// on the server.
DrillOutcome RunDrill(const Context& context, const std::string& company, int fiscal_year,
                      const std::string& scratch_folder, repository::RestoreProgress* progress,
                      const std::stop_token& stop);

}  // namespace cofre::engine
