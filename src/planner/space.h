#pragma once

// What a company's space limit means for a backup that is about to begin. Pure (design: "Space").

#include <cstdint>

namespace cofre::planner {

// A company's bytes in the bucket, all its years together, against `limite_espacio_gb`.
struct Space {
  uint64_t used_bytes = 0;
  uint64_t limit_bytes = 0;

  // What a backup may add before it is stopped.
  constexpr uint64_t free_bytes() const { return used_bytes < limit_bytes ? limit_bytes - used_bytes : 0; }
};

enum class SpaceStep : uint8_t {
  kProceed,  // back up, adding at most free_bytes()
  kReclaim,  // first apply retention to each of its databases, and reclaim what nobody needs; then ask again
  kRefuse,   // it fails, and no backup is touched beyond what retention had removed anyway
};

// `reclaimed`: that was done just now.
constexpr SpaceStep NextSpaceStep(const Space& space, bool reclaimed) {
  if (space.free_bytes() > 0) return SpaceStep::kProceed;
  return reclaimed ? SpaceStep::kRefuse : SpaceStep::kReclaim;
}

}  // namespace cofre::planner
