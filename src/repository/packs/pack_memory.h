#pragma once

// How much of the packs that a process fills and sends may be in memory, all its backups and prunes together
// (docs/decisions/0024-smaller-packs-when-many-are-open.md).

#include <atomic>
#include <cstdint>
#include <utility>

namespace cofre::repository {

// Small enough for a hundred at once, large enough that its request hardly counts.
inline constexpr uint64_t kSmallestPackBytes = uint64_t{2} * 1024 * 1024;

// Thread-safe. Outlives its shares.
class PackMemory {
 public:
  explicit PackMemory(uint64_t bytes) : bytes_(bytes) {}

  // The memory of one pack; given back at its end. Moved from: nothing.
  class Share {
   public:
    Share() = default;
    Share(PackMemory* owner, uint64_t bytes) : owner_(owner), bytes_(bytes) {}
    Share(Share&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Share() {
      if (owner_ != nullptr) owner_->used_ -= bytes_;
    }

    uint64_t bytes() const { return bytes_; }

   private:
    PackMemory* owner_ = nullptr;
    uint64_t bytes_ = 0;
  };

  // `wanted` bytes while there is plenty, a quarter of what is left where that is less; never less than
  // kSmallestPackBytes (or `wanted`), so that nobody waits for anybody.
  Share Take(uint64_t wanted);

 private:
  const uint64_t bytes_;
  std::atomic<uint64_t> used_{0};
};

}  // namespace cofre::repository
