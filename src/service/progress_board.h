#pragma once

// How far the jobs of this process are, for those who show it: read as often as they like, and the catalogue is not
// asked and not told (decision 0150).

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace cofre::service {

struct JobProgress {
  uint64_t bytes = 0;           // gone through so far
  uint64_t expected_bytes = 0;  // in all, as far as one can tell; 0: not known

  // Of a hundred, below it while the job runs; nullopt where it is not known.
  std::optional<int> percent() const;
};

// Thread-safe.
class ProgressBoard {
 public:
  // Called by any thread that reads, while the entry is there: it must not block.
  using Measure = std::function<JobProgress()>;

  // A job's place on the board, as long as this lives. The board outlives it.
  class Entry {
   public:
    Entry(ProgressBoard& board, int64_t job, Measure measure);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    ProgressBoard& board_;
    const int64_t job_;
  };

  std::optional<JobProgress> Find(int64_t job) const;

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, Measure> measures_;
};

}  // namespace cofre::service
