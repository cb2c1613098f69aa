#pragma once

// SHA-256 (FIPS 180-4), HMAC-SHA256 (RFC 2104), HKDF-SHA256 (RFC 5869) and MD5 (for S3's Content-MD5 only), all over
// OpenSSL. A failure inside OpenSSL is a broken installation and throws Error of kind permanent.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cofre {

// A SHA-256 sum; restic calls it an ID.
struct Digest {
  std::array<uint8_t, 32> bytes{};

  std::string Hex() const { return HexEncode(bytes); }
  // Exactly 64 lower-case hexadecimal digits, or nullopt.
  static std::optional<Digest> FromHex(std::string_view text);

  auto operator<=>(const Digest&) const = default;
};

// A digest is uniform already: its first eight bytes are its hash.
struct DigestHash {
  size_t operator()(const Digest& digest) const noexcept;
};

Digest Sha256(ByteView data);
Digest HmacSha256(ByteView key, ByteView data);
std::array<uint8_t, 16> Md5(ByteView data);

// Fills `out` from `key`; `info` names the purpose, so that keys for different purposes are independent. At most
// 255 * 32 bytes.
void HkdfSha256(ByteView key, std::string_view salt, std::string_view info, MutableBytes out);

// SHA-256 of data that arrives in pieces. Not thread-safe; usable once.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void Update(ByteView data);
  Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cofre
