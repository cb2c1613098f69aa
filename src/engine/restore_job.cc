#include "engine/restore_job.h"

#include <functional>
#include <memory>

#include "base/error.h"
#include "engine/job_record.h"

namespace cofre::engine {
namespace {

// The sink is not opened before the snapshot is known to be there.
void ReadBack(const Context& context, const Backup& backup, const std::function<ByteSink&()>& open_sink,
              repository::RestoreProgress* progress, const std::stop_token& stop) {
  const Company company = context.catalogue->GetCompany(backup.company);
  const CompanyRepositories::Lease open = context.repositories->Open(company.repository, stop);
  const repository::Snapshot snapshot = open->repository->FindSnapshot(backup.snapshot_id, stop);
  repository::RestoreFile(*open->repository, snapshot, open_sink(), progress, stop);
}

void Restore(const Context& context, const Backup& backup, const std::function<ByteSink&()>& open_sink,
             repository::RestoreProgress* progress, const std::stop_token& stop) {
  JobRecord record(context, {.kind = JobKind::kRestore, .company = backup.company, .fiscal_year = backup.fiscal_year});
  record.Run(
      [&] {
        ReadBack(context, backup, open_sink, progress, stop);
        record.SetBytes(backup.dump_bytes);
        record.SetMessage(backup.snapshot_id);
      },
      stop);
}

}  // namespace

void RestoreToDatabase(const Context& context, const Backup& backup, const std::string& server,
                       const std::string& target, bool replace, repository::RestoreProgress* progress,
                       const std::stop_token& stop) {
  const Server on = context.catalogue->GetServer(server);
  Database database = context.catalogue->GetDatabase(backup.company, backup.fiscal_year);
  const std::unique_ptr<sources::Source> source = context.make_source(on, database);
  std::unique_ptr<ByteSink> sink;
  Restore(
      context, backup,
      [&]() -> ByteSink& {
        sink = source->Restore(target, replace, stop);
        return *sink;
      },
      progress, stop);
}

void RestoreToSink(const Context& context, const Backup& backup, ByteSink& sink, repository::RestoreProgress* progress,
                   const std::stop_token& stop) {
  Restore(
      context, backup, [&]() -> ByteSink& { return sink; }, progress, stop);
}

void StreamDump(const Context& context, const Backup& backup, ByteSink& sink, repository::RestoreProgress* progress,
                const std::stop_token& stop) {
  ReadBack(
      context, backup, [&]() -> ByteSink& { return sink; }, progress, stop);
}

}  // namespace cofre::engine
