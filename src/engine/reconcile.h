#pragma once

// Makes the catalogue's backups of a company what its repository holds: after a crash, a catalogue that could not be
// written, or somebody's `restic forget`.

#include <stop_token>
#include <vector>

#include "engine/company_lock.h"
#include "engine/company_repository.h"
#include "engine/context.h"

namespace cofre::engine {

struct ReconcileReport {
  std::vector<Backup> added;    // were in the repository only
  std::vector<Backup> removed;  // were in the catalogue only
};

// The company's lock is held. Snapshots of databases that are not registered, and those that Cofre did not make, are
// left alone. All or nothing in the catalogue.
ReconcileReport Reconcile(const Context& context, OpenRepository& open, const Company& company,
                          const std::stop_token& stop);

// What a job does first: reconciles where the job before it left doubt, and logs what that changed.
void EndDoubt(const Context& context, OpenRepository& open, const Company& company, CompanyLock& lock,
              const std::stop_token& stop);

// Reconciles every company whose last job left doubt and that nobody works on, for whoever is about to show the
// catalogue. One that cannot be (its store does not answer) is logged and stays in doubt.
void ReconcileDoubtful(const Context& context, const std::stop_token& stop);

}  // namespace cofre::engine
