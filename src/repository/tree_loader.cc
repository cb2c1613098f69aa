#include "repository/tree_loader.h"

#include "base/error.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kReadAlongBytes = uint64_t{1} << 20;
constexpr uint64_t kKeptBytes = uint64_t{8} << 20;

}  // namespace

ByteView TreeLoader::Load(const Digest& tree, std::stop_token stop) {
  const auto location = index_.Find(BlobType::kTree, tree);
  if (!location) throw Error(ErrorKind::kCorrupt, "tree " + tree.Hex() + " is in no pack that the index knows");
  const std::string key = KeyOf(FileKind::kPack, location->pack);
  try {
    return decoder_.Decode(location->blob, Fetch(*location, stop));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) throw Error(ErrorKind::kCorrupt, "pack " + key + " is missing");
    throw error.In(key);
  }
}

ByteView TreeLoader::Fetch(const BlobLocation& location, std::stop_token stop) {
  const uint64_t begin = location.blob.offset;
  const uint64_t end = begin + location.blob.length;
  for (auto piece = pieces_.begin(); piece != pieces_.end(); ++piece) {
    if (piece->pack != location.pack || begin < piece->offset || end > piece->offset + piece->bytes.size()) continue;
    pieces_.splice(pieces_.begin(), pieces_, piece);
    return ByteView(piece->bytes).subspan(begin - piece->offset, end - begin);
  }
  if (end - begin > kMaxPlainBlobBytes) throw Error(ErrorKind::kCorrupt, "it lists a tree larger than any may be");

  Piece piece{location.pack, begin, {}};
  const uint64_t blobs_end = index_.BlobsEnd(location.pack);
  if (blobs_end <= kReadAlongBytes) {
    piece.offset = 0;
    piece.bytes = ReadPackRange(*state_.store, location.pack, 0, blobs_end, stop);
  } else {
    piece.bytes = ReadPackRange(*state_.store, location.pack, begin, end - begin, stop);
  }
  kept_bytes_ += piece.bytes.size();
  pieces_.push_front(std::move(piece));
  while (kept_bytes_ > kKeptBytes && pieces_.size() > 1) {
    kept_bytes_ -= pieces_.back().bytes.size();
    pieces_.pop_back();
  }
  return ByteView(pieces_.front().bytes).subspan(begin - pieces_.front().offset, end - begin);
}

}  // namespace cofre::repository
