#include "repository/packs/pack_memory.h"

#include <algorithm>

namespace cofre::repository {

PackMemory::Share PackMemory::Take(uint64_t wanted) {
  uint64_t used = used_;
  for (;;) {
    const uint64_t left = bytes_ > used ? bytes_ - used : 0;
    const uint64_t granted = std::min(wanted, std::max(left / 4, kSmallestPackBytes));
    if (used_.compare_exchange_weak(used, used + granted)) return {this, granted};
  }
}

}  // namespace cofre::repository
