#include "engine/retention.h"

#include "base/error.h"
#include "engine/company_state.h"
#include "repository/check.h"
#include "repository/prune.h"

namespace cofre::engine {

planner::TimeZone ZoneOf(const Context& context, const Company& company) {
  return planner::TimeZone::Find(company.time_zone.empty() ? context.time_zone : company.time_zone);
}

std::vector<RetentionOutcome> PlanRetention(const Context& context, const Company& company, int fiscal_year) {
  const planner::TimeZone zone = ZoneOf(context, company);
  const TimePoint now = context.clock->Now();
  const bool current =
      planner::IsCurrentFiscalYear(fiscal_year, planner::CurrentFiscalYear(now, zone, context.first_fiscal_month));

  const std::vector<Backup> backups =
      context.catalogue->ListBackups({.company = company.id, .fiscal_year = fiscal_year});
  std::vector<planner::RetentionBackup> candidates;
  candidates.reserve(backups.size());
  for (const Backup& backup : backups) candidates.push_back({backup.snapshot_id, backup.time, backup.pinned_until});
  const auto decisions = planner::DecideRetention(candidates, current, now, zone, context.retention);

  std::vector<RetentionOutcome> outcomes;
  outcomes.reserve(backups.size());
  for (size_t i = 0; i < backups.size(); ++i) outcomes.push_back({backups[i], decisions[i]});
  return outcomes;
}

std::vector<Backup> BackupsToRemove(const Context& context, OpenRepository& open, const Company& company,
                                    int fiscal_year, const std::string& written, const std::stop_token& stop) {
  std::vector<Backup> going;
  const std::vector<RetentionOutcome> outcomes = PlanRetention(context, company, fiscal_year);
  for (const RetentionOutcome& outcome : outcomes) {
    if (!outcome.decision.keep) going.push_back(outcome.backup);
  }
  if (going.empty()) return going;

  const std::string& newest = outcomes.front().backup.snapshot_id;
  const Digest id = Digest::FromHex(newest).value();
  if (newest != written) {
    repository::RequireComplete(*open.repository, id, stop);
  } else if (outcomes.size() == going.size() + 1) {
    (void)open.repository->ReadSnapshot(id, stop);
  }
  return going;
}

std::vector<Backup> ApplyRetention(const Context& context, OpenRepository& open, const Company& company,
                                   int fiscal_year, CompanyLock& lock, const std::stop_token& stop) {
  std::vector<Backup> going = BackupsToRemove(context, open, company, fiscal_year, "", stop);
  if (!going.empty()) RemoveBackups(context, open, going, lock, stop);
  return going;
}

std::vector<Digest> SnapshotsOf(const std::vector<Backup>& backups) {
  std::vector<Digest> ids;
  ids.reserve(backups.size());
  for (const Backup& backup : backups) ids.push_back(Digest::FromHex(backup.snapshot_id).value());
  return ids;
}

void RemoveRows(const Context& context, const std::vector<Backup>& backups) {
  catalogue::Transaction transaction(*context.catalogue);
  for (const Backup& backup : backups) context.catalogue->RemoveBackup(backup.snapshot_id);
  UpdateCompanyState(context, backups.front().company, [&](CompanyState& state) {
    if (!state.wants_prune_since) state.wants_prune_since = context.clock->Now();
  });
  transaction.Commit();
}

void RemoveBackups(const Context& context, OpenRepository& open, const std::vector<Backup>& backups, CompanyLock& lock,
                   const std::stop_token& stop) {
  const bool doubt_before = lock.in_doubt();
  context.require_claim();
  lock.BeginDoubt();
  repository::ForgetSnapshots(*open.repository, SnapshotsOf(backups), stop);
  RemoveRows(context, backups);
  if (!doubt_before) lock.EndDoubt();
}

}  // namespace cofre::engine
