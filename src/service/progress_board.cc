#include "service/progress_board.h"

#include <algorithm>
#include <utility>

namespace cofre::service {

std::optional<int> JobProgress::percent() const {
  if (expected_bytes == 0) return std::nullopt;
  // A database may have grown since: what is expected is no more than that.
  const double part = static_cast<double>(bytes) / static_cast<double>(expected_bytes);
  return std::min(99, static_cast<int>(100 * std::min(part, 1.0)));
}

ProgressBoard::Entry::Entry(ProgressBoard& board, int64_t job, Measure measure) : board_(board), job_(job) {
  const std::lock_guard lock(board_.mutex_);
  board_.measures_.insert_or_assign(job, std::move(measure));
}

ProgressBoard::Entry::~Entry() {
  const std::lock_guard lock(board_.mutex_);
  board_.measures_.erase(job_);
}

std::optional<JobProgress> ProgressBoard::Find(int64_t job) const {
  const std::lock_guard lock(mutex_);
  const auto found = measures_.find(job);
  if (found == measures_.end()) return std::nullopt;
  return found->second();
}

}  // namespace cofre::service
