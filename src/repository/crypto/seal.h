#pragma once

// restic's authenticated encryption: every stored object but key files is, and every blob in a pack is, a seal.
//
//   seal(P) = IV (16 random bytes) || AES-256-CTR(encrypt, IV, P) || Poly1305-AES(mac_k, mac_r, IV, ciphertext)
//
// The MAC covers the ciphertext only. Source: restic's design.rst, "Keys, Encryption and MAC".

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "base/bytes.h"
#include "base/random.h"

namespace cofre::repository {

// What a seal adds: 16 bytes of IV and 16 of tag.
inline constexpr size_t kSealOverhead = 32;

using Nonce = std::array<uint8_t, 16>;

// Secret. Wiped when it goes.
struct MasterKey {
  std::array<uint8_t, 32> encrypt{};  // AES-256
  std::array<uint8_t, 16> mac_k{};    // AES-128, makes Poly1305's one-time part from the IV
  std::array<uint8_t, 16> mac_r{};    // Poly1305's r, stored unmasked

  MasterKey() = default;
  MasterKey(const MasterKey&) = default;
  MasterKey& operator=(const MasterKey&) = default;
  ~MasterKey();

  // 64 bytes, encrypt || mac_k || mac_r, as scrypt yields them.
  static MasterKey FromBytes(ByteView bytes);
  static MasterKey Generate(Random& random);

  // Throws corrupt where one of the three is all zeros, as restic does.
  void RequireValid() const;
};

// Seals and opens with one key. Thread-safe; costs no algorithm look-up and no allocation a call.
class Sealer {
 public:
  // `random` yields the IVs, outlives the sealer, and is used under a lock. Throws corrupt for an invalid key.
  Sealer(const MasterKey& key, Random& random);
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // `out` holds exactly plain.size() + kSealOverhead bytes and does not overlap `plain`.
  void Seal(ByteView plain, MutableBytes out) const;
  void SealWithNonce(ByteView plain, const Nonce& nonce, MutableBytes out) const;
  Bytes Seal(ByteView plain) const;

  // `out` holds exactly sealed.size() - kSealOverhead bytes and may be the same memory as sealed's ciphertext
  // (sealed.data() + 16). Throws corrupt, with nothing decrypted, where `sealed` is too short or its tag is wrong.
  void Open(ByteView sealed, MutableBytes out) const;
  Bytes Open(ByteView sealed) const;

  const MasterKey& key() const { return key_; }

 private:
  MasterKey key_;
  Random& random_;
  mutable std::mutex random_mutex_;
};

}  // namespace cofre::repository
