#pragma once

// Holds what is stored to the invariants of the design. Looks past the service: at the objects that are really in the
// store, through a copy of them, so that it disturbs nothing.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "engine/company_repository.h"
#include "storage/memory_store.h"
#include "tests/world/fleet.h"
#include "tests/world/timeline.h"

namespace cofre::world {

struct AuditCounts {
  uint64_t restored = 0;  // backups read back whole
  uint64_t checked = 0;   // repositories looked at whole
};

class Auditor {
 public:
  using Fail = std::function<void(const std::string&)>;

  // `overlapping`: of several jobs that dump one database at a time only one has the claim to it.
  Auditor(Fleet& fleet, std::shared_ptr<storage::MemoryStore> store, const engine::MasterKey& master_key,
          VirtualClock& clock, bool overlapping, Fail fail);

  // After a job of the company. `in_doubt`: the next job compares catalogue and store first, or one is under way.
  // `done` is the backup that the job made, if it did; it is read back where `read` says so.
  void AfterJob(catalogue::Catalogue& catalogue, const Company& company, bool in_doubt, const std::string& done,
                bool read);
  // What is in the store, whatever the catalogue says of it: after a crash, and now and then. Reads everything.
  void Whole(const Company& company);
  // When all is quiet and everything was pruned: nothing is there that nobody needs, and a catalogue made of the
  // bucket's contents has the same backups.
  void AtTheEnd(catalogue::Catalogue& catalogue, const Company& company);

  const AuditCounts& counts() const { return counts_; }

 private:
  class CopiedRepository;

  Digest Read(repository::Repository& repository, const std::string& snapshot);

  Fleet& fleet_;
  std::shared_ptr<storage::MemoryStore> store_;
  const engine::MasterKey& master_key_;
  VirtualClock& clock_;
  const bool overlapping_;
  Fail fail_;
  AuditCounts counts_;
};

}  // namespace cofre::world
