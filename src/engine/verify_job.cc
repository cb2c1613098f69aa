#include "engine/verify_job.h"

#include <fmt/format.h>

#include <map>

#include "engine/company_lock.h"
#include "engine/company_state.h"
#include "engine/job_record.h"
#include "engine/manifest_sync.h"
#include "engine/reconcile.h"
#include "engine/snapshot_record.h"

namespace cofre::engine {
namespace {

// Those of the catalogue that the repository has too.
std::vector<Backup> CompareWithCatalogue(const Context& context, OpenRepository& open, const Company& company,
                                         VerifyOutcome& outcome, const std::stop_token& stop) {
  std::map<std::string, Backup> stored;
  for (const repository::Snapshot& snapshot : open.repository->ListSnapshots(stop)) {
    const auto recorded = ReadSnapshot(snapshot);
    if (recorded && recorded->backup.company == company.id) {
      stored.emplace(recorded->backup.snapshot_id, recorded->backup);
    }
  }
  std::vector<Backup> present;
  for (const Backup& backup : context.catalogue->ListBackups({.company = company.id})) {
    if (stored.erase(backup.snapshot_id) > 0) {
      present.push_back(backup);
    } else {
      outcome.missing.push_back(backup);
    }
  }
  for (const auto& [id, backup] : stored) outcome.unknown.push_back(backup);
  return present;
}

void Verify(const Context& context, const Company& company, const repository::CheckOptions& options, CompanyLock& lock,
            VerifyOutcome& outcome, const std::stop_token& stop) {
  const CompanyRepositories::Lease open = context.repositories->Open(company.repository, stop);
  EndDoubt(context, *open, company, lock, stop);
  outcome.report = repository::Check(*open->repository, options, stop);
  // A snapshot that cannot be read is among the problems already, and makes a listing fail.
  if (!outcome.report.problems.empty()) return;
  const std::vector<Backup> present = CompareWithCatalogue(context, *open, company, outcome, stop);
  catalogue::Transaction transaction(*context.catalogue);
  for (const Backup& backup : present) {
    context.catalogue->MarkComplete(backup.snapshot_id, context.clock->Now());
    if (options.read_data) context.catalogue->MarkVerified(backup.snapshot_id, context.clock->Now());
  }
  transaction.Commit();
  if (!options.read_data) return;
  SyncManifest(context, *open, company, open->repository->ListEverything(stop), stop);
}

}  // namespace

VerifyOutcome RunVerify(const Context& context, const std::string& company_id, const repository::CheckOptions& options,
                        const std::stop_token& stop) {
  const Company company = context.catalogue->GetCompany(company_id);
  CompanyLock lock(context.lock_folder, company.id, "verify", context.clock->Now());
  TakeDoubt(context, company.id, lock);
  VerifyOutcome outcome;
  JobRecord record(context, {.kind = JobKind::kVerify, .company = company.id});
  record.Run(
      [&] {
        Verify(context, company, options, lock, outcome, stop);
        if (options.read_data) {
          UpdateCompanyState(context, company.id,
                             [&](CompanyState& state) { state.verified_at = context.clock->Now(); });
        }
        record.SetBytes(outcome.report.bytes_read);
        if (!outcome.report.problems.empty()) {
          const repository::CheckProblem& first = outcome.report.problems.front();
          record.NoteFailure(ErrorKind::kCorrupt,
                             fmt::format("{} problems; the first: {}: {}", outcome.report.problems.size(), first.object,
                                         first.message));
        } else if (!outcome.missing.empty()) {
          record.NoteFailure(ErrorKind::kCorrupt,
                             fmt::format("{} backups of the catalogue are not in the repository; the first: {}",
                                         outcome.missing.size(), outcome.missing.front().snapshot_id));
        }
      },
      stop);
  return outcome;
}

}  // namespace cofre::engine
