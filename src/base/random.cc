#include "base/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace cofre {
namespace {

class OpenSslRandom : public Random {
 public:
  void Fill(MutableBytes out) override {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
      throw Error(ErrorKind::kPermanent, "the system's random generator does not answer");
    }
  }
};

}  // namespace

uint64_t Random::Next() {
  uint8_t bytes[8];
  Fill(bytes);
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

double Random::Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

uint64_t Random::Below(uint64_t bound) {
  // Rejects the last, incomplete run of values, so that none is likelier than another.
  const uint64_t threshold = (0 - bound) % bound;
  for (;;) {
    const uint64_t value = Next();
    if (value >= threshold) return value % bound;
  }
}

Random& SystemRandom() {
  static OpenSslRandom random;
  return random;
}

void LockedRandom::Fill(MutableBytes out) {
  const std::lock_guard lock(mutex_);
  below_.Fill(out);
}

void SeededRandom::Fill(MutableBytes out) {
  for (size_t i = 0; i < out.size(); i += 8) {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t value = state_;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    value ^= value >> 31;
    std::memcpy(out.data() + i, &value, std::min<size_t>(8, out.size() - i));
  }
}

}  // namespace cofre
