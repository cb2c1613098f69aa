#include "repository/chunker/chunker.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/digest.h"

namespace cofre::repository {
namespace {

// The hash forgets a byte after 64 shifts.
constexpr uint32_t kWindowBytes = 64;

// A piece ends where the hash is below a limit, which happens once in 2^bits bytes. The bits are those of the average
// plus this much before the average length, and less this much after it ("normalised chunking", level 2).
constexpr int kNormalisation = 2;

// The upper bits of the hash, which decide, depend on the whole window; the lower ones only on its last bytes.
constexpr uint64_t LimitFor(int bits) { return uint64_t{1} << (64 - bits); }

// Feeds `bytes` to the hash; returns the position after the first byte at which it is below `limit`, or nullptr.
inline const uint8_t* Scan(ByteView bytes, const uint64_t* words, uint64_t limit, uint64_t& hash_in_out) {
  uint64_t hash = hash_in_out;
  const uint8_t* at = bytes.data();
  const uint8_t* const end = at + bytes.size();
  for (; end - at >= 8; at += 8) {
    // Eight steps, then one branch for most of them: a cut is rare.
    uint64_t h0 = (hash << 1) + words[at[0]];
    uint64_t h1 = (h0 << 1) + words[at[1]];
    uint64_t h2 = (h1 << 1) + words[at[2]];
    uint64_t h3 = (h2 << 1) + words[at[3]];
    uint64_t h4 = (h3 << 1) + words[at[4]];
    uint64_t h5 = (h4 << 1) + words[at[5]];
    uint64_t h6 = (h5 << 1) + words[at[6]];
    uint64_t h7 = (h6 << 1) + words[at[7]];
    unsigned ends = h0 < limit;
    ends += h1 < limit;
    ends += h2 < limit;
    ends += h3 < limit;
    ends += h4 < limit;
    ends += h5 < limit;
    ends += h6 < limit;
    ends += h7 < limit;
    if (ends != 0) break;
    hash = h7;
  }
  for (; at != end; ++at) {
    hash = (hash << 1) + words[*at];
    if (hash < limit) {
      hash_in_out = hash;
      return at + 1;
    }
  }
  hash_in_out = hash;
  return nullptr;
}

}  // namespace

GearTable GearTable::FromKey(ByteView key) {
  GearTable table;
  std::array<uint8_t, 256 * sizeof(uint64_t)> bytes{};
  HkdfSha256(key, "", "cofre gear table 1", bytes);
  for (size_t i = 0; i < table.words_.size(); ++i) {
    // Little-endian on every machine.
    const uint8_t* word = bytes.data() + i * sizeof(uint64_t);
    table.words_[i] = uint64_t{ReadU32(word)} | uint64_t{ReadU32(word + 4)} << 32;
  }
  return table;
}

Chunker::Chunker(const GearTable& table, const BlobSizes& sizes) : words_(table.words()), sizes_(sizes) {
  const int bits = std::countr_zero(sizes.average);
  hard_limit_ = LimitFor(bits + kNormalisation);
  easy_limit_ = LimitFor(bits - kNormalisation);
}

void Chunker::Reset() {
  hash_ = 0;
  length_ = 0;
}

std::optional<size_t> Chunker::EndAt(size_t taken) {
  Reset();
  return taken;
}

std::optional<size_t> Chunker::FindEnd(ByteView bytes) {
  size_t at = 0;
  // The next stretch of `bytes` that lies before `length` of the piece; counted as seen.
  const auto until = [&](uint32_t length) {
    const auto size = static_cast<uint32_t>(std::min<size_t>(bytes.size() - at, length - length_));
    const ByteView stretch = bytes.subspan(at, size);
    at += size;
    length_ += size;
    return stretch;
  };

  // Nothing ends before the minimum; the hash begins one window before it, so that it never depends on where the piece
  // began.
  if (const uint32_t warm = sizes_.minimum - kWindowBytes; length_ < warm) until(warm);
  if (length_ < sizes_.minimum) {
    for (const uint8_t byte : until(sizes_.minimum)) hash_ = (hash_ << 1) + words_[byte];
  }
  if (length_ < sizes_.average) {
    if (const uint8_t* end = Scan(until(sizes_.average), words_, hard_limit_, hash_)) return EndAt(end - bytes.data());
  }
  if (at < bytes.size()) {
    if (const uint8_t* end = Scan(until(sizes_.maximum), words_, easy_limit_, hash_)) return EndAt(end - bytes.data());
    if (length_ == sizes_.maximum) return EndAt(at);
  }
  return std::nullopt;
}

}  // namespace cofre::repository
