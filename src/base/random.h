#pragma once

// Randomness, passed in, so that tests repeat. Keys, nonces and salts come from SystemRandom only.

#include <cstdint>
#include <mutex>

#include "base/bytes.h"

namespace cofre {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(MutableBytes out) = 0;

  uint64_t Next();
  // Uniform in [0, 1).
  double Fraction();
  // Uniform in [0, bound); bound is at least 1.
  uint64_t Below(uint64_t bound);
};

// The operating system's cryptographic generator, through OpenSSL. Thread-safe.
Random& SystemRandom();

// The same sequence for the same seed (splitmix64). For tests and simulations; not thread-safe, not for keys.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void Fill(MutableBytes out) override;

 private:
  uint64_t state_;
};

// Lets many threads draw from one generator that is not thread-safe. Owns nothing.
class LockedRandom : public Random {
 public:
  explicit LockedRandom(Random& below) : below_(below) {}
  void Fill(MutableBytes out) override;

 private:
  std::mutex mutex_;
  Random& below_;
};

}  // namespace cofre
