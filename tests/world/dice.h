#pragma once

// Chance that depends on what it is for and not on what was drawn before: threads may ask in any order.

#include <cstdint>
#include <initializer_list>

namespace cofre::world {

// splitmix64 over all of them.
inline uint64_t Mix(std::initializer_list<uint64_t> parts) {
  uint64_t state = 0x9e3779b97f4a7c15;
  for (const uint64_t part : parts) {
    state = (state ^ part) + 0x9e3779b97f4a7c15;
    state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
    state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
    state ^= state >> 31;
  }
  return state;
}

// In [0, 1).
inline double Chance(std::initializer_list<uint64_t> parts) {
  return static_cast<double>(Mix(parts) >> 11) * 0x1.0p-53;
}

}  // namespace cofre::world
