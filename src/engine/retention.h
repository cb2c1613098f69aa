#pragma once

// Carries out what planner/retention.h decides for one database.

#include <stop_token>
#include <string>
#include <vector>

#include "base/digest.h"
#include "engine/company_lock.h"
#include "engine/company_repository.h"
#include "engine/context.h"
#include "planner/local_time.h"

namespace cofre::engine {

struct RetentionOutcome {
  Backup backup;
  planner::RetentionDecision decision;
};

// The company's zone, or else the installation's. Throws as TimeZone::Find. The first call of a process reads the zone
// database, which takes milliseconds.
planner::TimeZone ZoneOf(const Context& context, const Company& company);

// What would be decided now, newest first.
std::vector<RetentionOutcome> PlanRetention(const Context& context, const Company& company, int fiscal_year);

// Those of them that are to go, for whoever removes them: once the newest one has been found complete in the bucket
// (kind corrupt where it is not). `written` is one just made, of which all but the snapshot itself has been found
// complete; that is read back where no other backup of the database would be left.
std::vector<Backup> BackupsToRemove(const Context& context, OpenRepository& open, const Company& company,
                                    int fiscal_year, const std::string& written, const std::stop_token& stop);

// Removes the backups that are to go, once the newest one has been found complete in the bucket (kind corrupt where it
// is not; then nothing is removed). First the snapshots, then their rows: a removal that fails leaves both, and `lock`
// in doubt. Frees no space: see prune. Returns the backups removed.
std::vector<Backup> ApplyRetention(const Context& context, OpenRepository& open, const Company& company,
                                   int fiscal_year, CompanyLock& lock, const std::stop_token& stop);

// Takes the rows of removed snapshots, of one company and at least one, out of the catalogue, all or none, and notes
// that there is something to prune.
void RemoveRows(const Context& context, const std::vector<Backup>& backups);

// Their snapshots' ids.
std::vector<Digest> SnapshotsOf(const std::vector<Backup>& backups);

// Removes these backups of the company, snapshots first; leaves `lock` in doubt where that fails half way.
void RemoveBackups(const Context& context, OpenRepository& open, const std::vector<Backup>& backups, CompanyLock& lock,
                   const std::stop_token& stop);

}  // namespace cofre::engine
