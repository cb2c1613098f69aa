#pragma once

// Whether a piece that is not known is stored whole, or as the finer pieces that it consists of.
//
// Coarse pieces keep the content list short, which every changed snapshot carries in full. Fine ones make a change cost
// little. So: coarse where nothing changes, fine where it does. A place that changed once tends to change again, such
// as a table of balances, and from the second change on only the fine pieces that differ are stored. Figures and the
// alternatives that were weighed: docs/decisions/0030-blob-sizes.md.
//
// The same stream is cut the same way again, whatever this policy answers: a known coarse piece is never looked into,
// and where the coarse one is not known but all its fine ones are, it was stored fine. That is why an unchanged dump
// gives the tree that exists.

#include <atomic>
#include <cstdint>

#include "base/digest.h"

namespace cofre::repository {

// Shared by the workers of one backup. Thread-safe.
class SplitPolicy {
 public:
  // `first_backup`: the repository knows no data yet, so there is nothing that could have changed. `day`: any number
  // that is another one on another day.
  SplitPolicy(bool first_backup, int64_t day) : first_backup_(first_backup), day_(day) {}

  // Whether fine pieces are worth a look at all.
  bool LooksInside() const { return !first_backup_; }

  // For a piece of `bytes`, of which fine pieces with `known_bytes` (fewer than all) are known.
  bool PrefersFine(uint64_t bytes, uint64_t known_bytes) const;

  // For a piece that is known in fine pieces, all of them: whether it is stored once more, whole, since nothing changes
  // in it any longer. True for one in 32, others each day, and only in a backup that writes a new content list anyway.
  bool Settles(const Digest& piece) const;

  // Whether a blob that must be stored is worth the strong compression, which takes 25 times as long. `time_to_spare`:
  // nothing waits for this worker meanwhile.
  bool WorthStrongCompression(uint64_t bytes, bool time_to_spare);

  void CountKnown(uint64_t bytes) { known_ += bytes; }
  // Stored in fine pieces.
  void CountFine(uint64_t bytes) { fine_ += bytes; }
  // Some blob is stored: the content list will be new.
  void SomethingIsNew() { something_new_ = true; }

 private:
  const bool first_backup_;
  const int64_t day_;
  std::atomic<uint64_t> known_{0};
  std::atomic<uint64_t> fine_{0};
  std::atomic<uint64_t> strong_{0};
  std::atomic<bool> something_new_{false};
};

}  // namespace cofre::repository
