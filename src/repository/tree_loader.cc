#include "repository/tree_loader.h"

#include <algorithm>

#include "base/error.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kReadAlongBytes = uint64_t{1} << 20;
constexpr uint64_t kKeptBytes = uint64_t{8} << 20;

}  // namespace

std::optional<TreePlace> FindTree(const BlobIndex& index, const Digest& tree) {
  const auto location = index.Find(BlobType::kTree, tree);
  if (!location) return std::nullopt;
  return TreePlace{*location, index.BlobsEnd(location->pack)};
}

ByteView TreeLoader::Load(const Digest& tree, std::stop_token stop) {
  const auto place = find_(tree);
  if (!place) throw Error(ErrorKind::kCorrupt, "tree " + tree.Hex() + " is in no pack that the index knows");
  const std::string key = KeyOf(FileKind::kPack, place->location.pack);
  try {
    return decoder_.Decode(place->location.blob, Fetch(*place, stop));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) throw Error(ErrorKind::kCorrupt, "pack " + key + " is missing");
    throw error.In(key);
  }
}

ByteView TreeLoader::Fetch(const TreePlace& place, std::stop_token stop) {
  const BlobLocation& location = place.location;
  const uint64_t begin = location.blob.offset;
  const uint64_t end = begin + location.blob.length;
  for (auto piece = pieces_.begin(); piece != pieces_.end(); ++piece) {
    if (piece->pack != location.pack || begin < piece->offset || end > piece->offset + piece->bytes.size()) continue;
    pieces_.splice(pieces_.begin(), pieces_, piece);
    return ByteView(piece->bytes).subspan(begin - piece->offset, end - begin);
  }
  if (end - begin > kMaxPlainBlobBytes) throw Error(ErrorKind::kCorrupt, "it lists a tree larger than any may be");

  Piece piece{location.pack, begin / kReadAlongBytes * kReadAlongBytes, {}};
  const uint64_t piece_end = std::max(end, std::min(piece.offset + kReadAlongBytes, place.blobs_end));
  piece.bytes = ReadPackRange(*state_.store, location.pack, piece.offset, piece_end - piece.offset, stop);
  kept_bytes_ += piece.bytes.size();
  pieces_.push_front(std::move(piece));
  while (kept_bytes_ > kKeptBytes && pieces_.size() > 1) {
    kept_bytes_ -= pieces_.back().bytes.size();
    pieces_.pop_back();
  }
  return ByteView(pieces_.front().bytes).subspan(begin - pieces_.front().offset, end - begin);
}

}  // namespace cofre::repository
