#include "repository/restore/fetch_plan.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "base/error.h"

namespace cofre::repository {
namespace {

// A distinct blob of the window.
struct Needed {
  Digest pack;
  PackedBlob blob;
  size_t first_use = 0;  // position in the window
  size_t range = 0;
};

BlobLocation Locate(const BlobIndex& index, const Digest& id) {
  const auto location = index.Find(BlobType::kData, id);
  if (!location) throw Error(ErrorKind::kCorrupt, "data blob " + id.Hex() + " is in no pack that the index knows");
  if (std::max(location->blob.length, location->blob.uncompressed_length) > kMaxPlainBlobBytes) {
    throw Error(ErrorKind::kCorrupt, "the index claims that data blob " + id.Hex() + " is larger than any may be");
  }
  return *location;
}

// Distinct blobs of the window, and for each reference which one it is.
struct Wanted {
  std::vector<Needed> distinct;
  std::vector<size_t> references;
};

Wanted LookAhead(std::span<const Digest> content, const BlobIndex& index, const FetchLimits& limits) {
  Wanted wanted;
  std::unordered_map<Digest, size_t, DigestHash> seen;
  uint64_t bytes = 0;
  for (const Digest& id : content.first(std::min(content.size(), limits.window_blobs))) {
    auto position = seen.find(id);
    if (position == seen.end()) {
      const BlobLocation location = Locate(index, id);
      if (!wanted.distinct.empty() && bytes + location.blob.length > limits.window_bytes) break;
      bytes += location.blob.length;
      position = seen.emplace(id, wanted.distinct.size()).first;
      wanted.distinct.push_back({location.pack, location.blob, wanted.references.size()});
    }
    wanted.references.push_back(position->second);
  }
  return wanted;
}

}  // namespace

FetchWindow PlanFetch(std::span<const Digest> content, const BlobIndex& index, const FetchLimits& limits) {
  Wanted wanted = LookAhead(content, index, limits);

  std::vector<size_t> by_place(wanted.distinct.size());
  for (size_t i = 0; i < by_place.size(); ++i) by_place[i] = i;
  std::sort(by_place.begin(), by_place.end(), [&](size_t a, size_t b) {
    const Needed& left = wanted.distinct[a];
    const Needed& right = wanted.distinct[b];
    return std::tie(left.pack, left.blob.offset) < std::tie(right.pack, right.blob.offset);
  });

  std::vector<FetchRange> ranges;
  std::vector<size_t> first_uses;
  uint64_t gaps_left = limits.window_bytes;
  for (const size_t i : by_place) {
    Needed& needed = wanted.distinct[i];
    const uint64_t begin = needed.blob.offset;
    const uint64_t end = begin + needed.blob.length;
    bool extends = !ranges.empty() && ranges.back().pack == needed.pack;
    if (extends) {
      const uint64_t range_end = ranges.back().offset + ranges.back().length;
      const uint64_t gap = begin > range_end ? begin - range_end : 0;
      extends = gap <= std::min(limits.gap_bytes, gaps_left) &&
                std::max(end, range_end) - ranges.back().offset <= limits.range_bytes;
      if (extends) gaps_left -= gap;
    }
    if (!extends) {
      ranges.push_back({needed.pack, begin, 0, 0});
      first_uses.push_back(std::numeric_limits<size_t>::max());
    }
    ranges.back().length = std::max(ranges.back().length, end - ranges.back().offset);
    first_uses.back() = std::min(first_uses.back(), needed.first_use);
    needed.range = ranges.size() - 1;
  }

  std::vector<size_t> order(ranges.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return first_uses[a] < first_uses[b]; });
  FetchWindow window;
  std::vector<size_t> new_numbers(ranges.size());
  for (const size_t i : order) {
    new_numbers[i] = window.ranges.size();
    window.ranges.push_back(ranges[i]);
    window.bytes += ranges[i].length;
  }
  window.blobs.reserve(wanted.references.size());
  for (const size_t reference : wanted.references) {
    const Needed& needed = wanted.distinct[reference];
    window.blobs.push_back({needed.blob, new_numbers[needed.range]});
    ++window.ranges[window.blobs.back().range].uses;
  }
  return window;
}

}  // namespace cofre::repository
