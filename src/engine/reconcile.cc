#include "engine/reconcile.h"

#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "engine/company_state.h"
#include "engine/snapshot_record.h"

namespace cofre::engine {

ReconcileReport Reconcile(const Context& context, OpenRepository& open, const Company& company,
                          const std::stop_token& stop) {
  std::map<std::string, Backup> stored;
  for (const repository::Snapshot& snapshot : open.repository->ListSnapshots(stop)) {
    const auto recorded = ReadSnapshot(snapshot);
    if (recorded && recorded->backup.company == company.id) {
      stored.emplace(recorded->backup.snapshot_id, recorded->backup);
    }
  }

  ReconcileReport report;
  catalogue::Catalogue& catalogue = *context.catalogue;
  catalogue::Transaction transaction(catalogue);
  // What was listed may be old by now: whoever has the job has written more since.
  context.require_claim();
  std::set<int> years;
  for (const Database& database : catalogue.ListDatabases({.company = company.id})) years.insert(database.fiscal_year);
  for (const Backup& backup : catalogue.ListBackups({.company = company.id})) {
    if (stored.erase(backup.snapshot_id) > 0) continue;
    catalogue.RemoveBackup(backup.snapshot_id);
    report.removed.push_back(backup);
  }
  for (const auto& [id, backup] : stored) {
    if (!years.contains(backup.fiscal_year)) continue;
    catalogue.AddBackup(backup);
    report.added.push_back(backup);
  }
  transaction.Commit();

  return report;
}

void EndDoubt(const Context& context, OpenRepository& open, const Company& company, CompanyLock& lock,
              const std::stop_token& stop) {
  if (!lock.in_doubt()) return;
  const ReconcileReport report = Reconcile(context, open, company, stop);
  if (!report.added.empty() || !report.removed.empty()) {
    Log(LogLevel::kWarning, "catalogue_reconciled",
        {{"company", company.id},
         {"added", std::to_string(report.added.size())},
         {"removed", std::to_string(report.removed.size())}});
  }
  lock.EndDoubt();
  NoteDoubt(context, company.id, lock);
}

namespace {

void ReconcileOne(const Context& context, const std::string& id, const std::stop_token& stop) {
  CompanyLock lock(context.lock_folder, id, "comparing catalogue and repository", context.clock->Now());
  if (!lock.in_doubt()) return;
  const std::optional<Company> company = context.catalogue->FindCompany(id);
  if (company) {
    try {
      const CompanyRepositories::Lease open = context.repositories->Open(company->repository, stop);
      EndDoubt(context, *open, *company, lock, stop);
    } catch (const Error& error) {
      // A first backup that never came as far as a repository. Otherwise it is lost, and that is no doubt but damage.
      const bool never_was = context.catalogue->ListBackups({.company = id}).empty();
      if (error.kind() != ErrorKind::kNotFound || !never_was) throw;
    }
  }
  lock.EndDoubt();
}

}  // namespace

void ReconcileDoubtful(const Context& context, const std::stop_token& stop) {
  for (const std::string& id : CompaniesInDoubt(context.lock_folder)) {
    try {
      ReconcileOne(context, id, stop);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCancelled) throw;
      Log(LogLevel::kWarning, "company_in_doubt", {{"company", id}, {"error", error.what()}});
    }
  }
}

}  // namespace cofre::engine
