#pragma once

// Removes what is no longer wanted: backups by retention or by name, then the bytes that nobody refers to.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/context.h"
#include "repository/prune.h"

namespace cofre::engine {

// Both throw transient where the company is busy and what the store throws; a removal that fails leaves snapshot and
// row.

// Applies retention to every database of a company (or the one of `fiscal_year`). Returns the backups removed. Space is
// freed by a prune.
std::vector<Backup> RunForget(const Context& context, const std::string& company, std::optional<int> fiscal_year,
                              const std::stop_token& stop);

// Removes these backups, of one company, whatever retention says; throws kind usage where that would leave a database
// without any.
void RunRemove(const Context& context, const std::vector<Backup>& backups, const std::stop_token& stop);

struct PruneOutcome {
  std::vector<Backup> forgotten;
  repository::PruneReport report;
};

// Retention, then repository::Prune. With options.dry_run neither changes anything; `forgotten` is then what would go.
PruneOutcome RunPrune(const Context& context, const std::string& company, const repository::PruneOptions& options,
                      const std::stop_token& stop);

}  // namespace cofre::engine
