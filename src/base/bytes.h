#pragma once

// Bytes and their text forms. No function here allocates more than a small multiple of its input.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cofre {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

inline ByteView AsBytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
inline std::string_view AsText(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Lower-case hexadecimal, as restic names its files and S3 signs its requests.
std::string HexEncode(ByteView bytes);
// Accepts lower-case digits only, an even number of them; nullopt for anything else.
std::optional<Bytes> HexDecode(std::string_view text);

// Standard alphabet with padding (RFC 4648 section 4). Decodes exactly what encoding gives; nullopt for anything else.
std::string Base64Encode(ByteView bytes);
std::optional<Bytes> Base64Decode(std::string_view text);

// Little-endian integers, as restic's pack headers store them.
void AppendU32(Bytes& out, uint32_t value);
// The caller has checked that four bytes are there.
inline uint32_t ReadU32(const uint8_t* bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[3]} << 24;
}

// "1.2 MiB", "97 B": for people.
std::string HumanBytes(uint64_t bytes);

}  // namespace cofre
