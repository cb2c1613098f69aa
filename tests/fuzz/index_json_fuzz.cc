// Any bytes as an index file: read, or refused with kind corrupt. What was read comes back after being written again.

#include <cstdlib>

#include "base/error.h"
#include "repository/index/blob_index.h"
#include "repository/index/index_file.h"

namespace {

namespace repository = cofre::repository;

std::vector<repository::IndexedPack> Parse(cofre::ByteView json) {
  std::vector<repository::IndexedPack> packs;
  repository::ParseIndex(json, [&](const cofre::Digest& pack, std::span<const repository::PackedBlob> blobs) {
    packs.push_back({pack, {blobs.begin(), blobs.end()}});
  });
  return packs;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto packs = Parse({data, size});
    repository::IndexWriter writer;
    repository::BlobIndex index;
    for (const repository::IndexedPack& pack : packs) {
      writer.AddPack(pack.id, pack.blobs);
      index.AddPack(pack.id, pack.id, pack.blobs);
      for (const repository::PackedBlob& blob : pack.blobs) {
        if (!index.Contains(blob.type, blob.id)) std::abort();
      }
    }
    const auto again = Parse(cofre::AsBytes(writer.Finish()));
    if (again.size() != packs.size()) std::abort();
    for (size_t i = 0; i < packs.size(); ++i) {
      if (again[i].id != packs[i].id || again[i].blobs != packs[i].blobs) std::abort();
    }
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kCorrupt) std::abort();
  }
  return 0;
}
