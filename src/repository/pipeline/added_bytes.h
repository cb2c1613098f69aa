#pragma once

// What a backup adds to the store, and the limit to it.

#include <atomic>
#include <cstdint>
#include <optional>

namespace cofre::repository {

// Thread-safe.
class AddedBytes {
 public:
  explicit AddedBytes(std::optional<uint64_t> limit) : limit_(limit) {}
  // Before anything is asked.
  void SetLimit(std::optional<uint64_t> limit) { limit_ = limit; }

  // Asked before an upload. Throws kind quota, with the figures, where this many more would pass the limit.
  void Admit(uint64_t bytes);

  // They are stored.
  void Count(uint64_t bytes) { stored_ += bytes; }
  uint64_t stored() const { return stored_; }

 private:
  std::optional<uint64_t> limit_;
  std::atomic<uint64_t> admitted_{0};
  std::atomic<uint64_t> stored_{0};
};

}  // namespace cofre::repository
