#include "engine/prune_job.h"

#include <fmt/format.h>

#include <functional>
#include <set>

#include "base/error.h"
#include "engine/company_lock.h"
#include "engine/company_state.h"
#include "engine/job_record.h"
#include "engine/reconcile.h"
#include "engine/retention.h"
#include "engine/space.h"

namespace cofre::engine {
namespace {

// What all of these have in common: lock, row, open repository, no doubt.
void RunOnRepository(const Context& context, const Company& company, std::string_view what,
                     const std::function<void(OpenRepository&, CompanyLock&, JobRecord&)>& work,
                     const std::stop_token& stop) {
  CompanyLock lock(context.lock_folder, company.id, what, context.clock->Now());
  TakeDoubt(context, company.id, lock);
  JobRecord record(context, {.kind = JobKind::kPrune, .company = company.id});
  record.Run(
      [&] {
        const DoubtNote note(context, company.id, lock);
        const CompanyRepositories::Lease open = context.repositories->Open(company.repository, stop);
        EndDoubt(context, *open, company, lock, stop);
        work(*open, lock, record);
      },
      stop);
}

std::vector<Backup> ApplyAll(const Context& context, OpenRepository& open, const Company& company,
                             std::optional<int> fiscal_year, CompanyLock& lock, const std::stop_token& stop) {
  std::vector<Backup> forgotten;
  for (const Database& database : context.catalogue->ListDatabases({.company = company.id})) {
    if (fiscal_year && database.fiscal_year != *fiscal_year) continue;
    const auto gone = ApplyRetention(context, open, company, database.fiscal_year, lock, stop);
    forgotten.insert(forgotten.end(), gone.begin(), gone.end());
  }
  return forgotten;
}

void NotePrune(const Context& context, OpenRepository& open, const Company& company, const std::stop_token& stop) {
  const Space space = MeasureSpace(open, company, stop);
  UpdateCompanyState(context, company.id, [&](CompanyState& state) {
    state.stored_bytes = space.used_bytes;
    state.measured_at = state.pruned_at = context.clock->Now();
    state.wants_prune_since.reset();
  });
}

std::vector<Backup> PlanAll(const Context& context, const Company& company) {
  std::vector<Backup> going;
  for (const Database& database : context.catalogue->ListDatabases({.company = company.id})) {
    for (const RetentionOutcome& outcome : PlanRetention(context, company, database.fiscal_year)) {
      if (!outcome.decision.keep) going.push_back(outcome.backup);
    }
  }
  return going;
}

void RequireOneLeft(const Context& context, const std::vector<Backup>& backups) {
  std::set<std::string> going;
  std::set<int> years;
  for (const Backup& backup : backups) {
    going.insert(backup.snapshot_id);
    years.insert(backup.fiscal_year);
  }
  for (const int year : years) {
    bool left = false;
    for (const Backup& backup :
         context.catalogue->ListBackups({.company = backups.front().company, .fiscal_year = year})) {
      left = left || !going.contains(backup.snapshot_id);
    }
    if (left) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("company {} would have no backup of {} left", backups.front().company, year),
                "make a new one first");
  }
}

}  // namespace

std::vector<Backup> RunForget(const Context& context, const std::string& company_id, std::optional<int> fiscal_year,
                              const std::stop_token& stop) {
  const Company company = context.catalogue->GetCompany(company_id);
  std::vector<Backup> forgotten;
  RunOnRepository(
      context, company, "forget",
      [&](OpenRepository& open, CompanyLock& lock, JobRecord& record) {
        forgotten = ApplyAll(context, open, company, fiscal_year, lock, stop);
        record.SetMessage(fmt::format("{} backups removed", forgotten.size()));
      },
      stop);
  return forgotten;
}

void RunRemove(const Context& context, const std::vector<Backup>& backups, const std::stop_token& stop) {
  if (backups.empty()) return;
  const Company company = context.catalogue->GetCompany(backups.front().company);
  RunOnRepository(
      context, company, "forget",
      [&](OpenRepository& open, CompanyLock& lock, JobRecord& record) {
        RequireOneLeft(context, backups);
        RemoveBackups(context, open, backups, lock, stop);
        record.SetMessage(fmt::format("{} backups removed", backups.size()));
      },
      stop);
}

PruneOutcome RunPrune(const Context& context, const std::string& company_id, const repository::PruneOptions& options,
                      const std::stop_token& stop) {
  const Company company = context.catalogue->GetCompany(company_id);
  PruneOutcome outcome;
  RunOnRepository(
      context, company, "prune",
      [&](OpenRepository& open, CompanyLock& lock, JobRecord& record) {
        outcome.forgotten =
            options.dry_run ? PlanAll(context, company) : ApplyAll(context, open, company, std::nullopt, lock, stop);
        open.stored_bytes.reset();
        context.require_claim();
        outcome.report = repository::Prune(*open.repository, options, stop);
        if (!options.dry_run) NotePrune(context, open, company, stop);
        record.SetBytes(outcome.report.bytes_before -
                        std::min(outcome.report.bytes_before, outcome.report.bytes_after));
      },
      stop);
  return outcome;
}

}  // namespace cofre::engine
