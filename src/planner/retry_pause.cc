#include "planner/retry_pause.h"

namespace cofre::planner {
namespace {

// splitmix64's finish: every bit of `value` changes half of the bits of the result.
uint64_t Mixed(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

Duration RetryPause(const BackupRetryPolicy& policy, size_t number, uint64_t company_key, int fiscal_year,
                    TimePoint attempt_started) {
  constexpr int64_t kParts = 1000;
  const uint64_t key = company_key + static_cast<uint64_t>(fiscal_year);
  const auto moment = static_cast<uint64_t>(attempt_started.time_since_epoch().count());
  const auto part = static_cast<int64_t>(Mixed(Mixed(key) ^ moment) % kParts);
  const Duration pause = policy.pauses.at(number);
  return pause + pause / (100 * kParts) * (policy.jitter_percent * part);
}

}  // namespace cofre::planner
