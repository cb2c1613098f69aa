#pragma once

// Proves that a company's backups are there and whole.

#include <stop_token>
#include <string>
#include <vector>

#include "engine/context.h"
#include "repository/check.h"

namespace cofre::engine {

struct VerifyOutcome {
  repository::CheckReport report;
  std::vector<Backup> missing;  // the catalogue has them, the repository has not
  std::vector<Backup> unknown;  // the other way round; harmless, `cofre catalogue rebuild` adds them

  bool ok() const { return report.problems.empty() && missing.empty(); }
};

// Looks at the whole repository of a company; with options.read_data reads every byte of it, and then marks its backups
// as verified, in the catalogue and in the bucket. Damage is reported, not thrown (the job's row is failed as corrupt).
// Throws transient where the company is busy.
VerifyOutcome RunVerify(const Context& context, const std::string& company, const repository::CheckOptions& options,
                        const std::stop_token& stop);

}  // namespace cofre::engine
