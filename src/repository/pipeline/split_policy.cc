#include "repository/pipeline/split_policy.h"

#include <cstring>

namespace cofre::repository {
namespace {

// What may be cut finely before anything known has come by. A database that shares nothing with what is stored (another
// year's, a compressed one) pays for fine pieces on no more than this.
constexpr uint64_t kFreeFineBytes = uint64_t{4} * 1024 * 1024;

constexpr uint64_t kSettleOneIn = 32;

// At 70 s per GB the strong compression then costs at most as much time as reading what is known.
constexpr uint64_t kFreeStrongBytes = uint64_t{1} * 1024 * 1024;
constexpr uint64_t kKnownPerStrongByte = 40;

// Compressed strongly even where the backup waits for it, some 10 ms: it is all that changes in a small database.
constexpr uint64_t kAlwaysStrongBytes = uint64_t{64} * 1024;

}  // namespace

bool SplitPolicy::PrefersFine(uint64_t bytes, uint64_t known_bytes) const {
  return known_bytes * 2 >= bytes || fine_ < kFreeFineBytes + known_;
}

bool SplitPolicy::Settles(const Digest& piece) const {
  if (!something_new_) return false;
  uint64_t lot = 0;
  std::memcpy(&lot, piece.bytes.data(), sizeof lot);
  return (lot + static_cast<uint64_t>(day_)) % kSettleOneIn == 0;
}

bool SplitPolicy::WorthStrongCompression(uint64_t bytes, bool time_to_spare) {
  if (!time_to_spare && strong_ + bytes > kAlwaysStrongBytes) return false;
  if (strong_ + bytes > kFreeStrongBytes + known_ / kKnownPerStrongByte) return false;
  strong_ += bytes;
  return true;
}

}  // namespace cofre::repository
