#pragma once

// Databases that export jobs have restored to be downloaded: each a file in a folder of its own, named after its job,
// below [api] carpeta_bases. The job's row says the rest: of which backup it is, and since when. So a file without a
// job that counts is left over, whatever ended before its time.

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "catalogue/catalogue.h"
#include "service/config.h"
#include "service/wiring.h"

namespace cofre::service {

struct ReadyDatabase {
  Job job;
  std::string file;
  uint64_t bytes = 0;
  TimePoint expires{};
};

// The newest of a backup that is there and will be for a while.
std::optional<ReadyDatabase> FindReadyDatabase(catalogue::Catalogue& catalogue, const Config& config,
                                               const Backup& backup, TimePoint now);

// Removes what is no longer to be there, and what a crash has left. Throws nothing: it is tried again.
void SweepReadyDatabases(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);

// An export job's work. Throws as engine::RunExport; nothing is left behind then.
void MakeReadyDatabase(const Config& config, const engine::Context& context, const Job& job,
                       std::atomic<uint64_t>& bytes, const std::stop_token& stop);

}  // namespace cofre::service
