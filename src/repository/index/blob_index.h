#pragma once

// All index files merged in memory: where each blob is. About 60 bytes a blob (48 for the entry, 4 / load for the
// table).
//
// Reading methods may run in several threads at once while nobody changes it.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "repository/index/index_file.h"

namespace cofre::repository {

struct BlobLocation {
  Digest pack{};
  PackedBlob blob{};
};

class BlobIndex {
 public:
  // Remembers that `index_file` was loaded, even if it lists nothing.
  void AddIndexFile(const Digest& index_file);
  // A pack that `index_file` lists. The same pack may come from several index files; its blobs are kept once.
  void AddPack(const Digest& index_file, const Digest& pack, std::span<const PackedBlob> blobs);
  // Forgets what only these index files listed. Costs a walk over everything: for when files have vanished.
  void RemoveIndexFiles(std::span<const Digest> index_files);
  // Forgets these packs, whoever lists them. The same walk.
  void RemovePacks(std::span<const Digest> packs);

  // A blob may lie in several packs; any one of them is returned.
  std::optional<BlobLocation> Find(BlobType type, const Digest& id) const;
  bool Contains(BlobType type, const Digest& id) const { return FindEntry(type, id) != nullptr; }

  bool HasIndexFile(const Digest& index_file) const { return files_.contains(index_file); }
  std::vector<Digest> IndexFiles() const;
  bool HasPack(const Digest& pack) const { return pack_numbers_.contains(pack); }
  // Where the last blob of a pack ends, and how large its file must be; 0 for unknown packs.
  uint64_t BlobsEnd(const Digest& pack) const;
  uint64_t FileBytes(const Digest& pack) const;
  std::vector<Digest> Packs() const;
  size_t pack_count() const { return pack_numbers_.size(); }
  size_t blob_count() const { return entries_.size(); }  // copies in several packs counted each

  // Every pack with all its blobs by offset, in no particular order of packs.
  void VisitPacks(const std::function<void(const IndexedPack&)>& visit) const;

 private:
  struct Entry {
    Digest id;
    uint32_t pack_and_type;  // number << 1 | type
    uint32_t offset;
    uint32_t length;
    uint32_t uncompressed_length;
  };
  struct Pack {
    Digest id;
    std::vector<uint32_t> index_files;
    uint64_t blobs_end = 0;
    uint64_t file_bytes = kPackOverhead;
  };

  static PackedBlob BlobOf(const Entry& entry);
  const Entry* FindEntry(BlobType type, const Digest& id) const;
  bool HasCopy(uint32_t pack_number, const PackedBlob& blob) const;
  void Insert(const Entry& entry);
  void Place(uint32_t number);
  void Rehash(size_t slots);
  // Packs that no index file lists.
  void DropUnlisted();
  uint32_t FileNumber(const Digest& index_file);

  std::deque<Entry> entries_;    // grows without copying
  std::vector<uint32_t> slots_;  // open addressing, linear probing: entry number + 1, 0 for free
  std::vector<Pack> packs_;
  std::unordered_map<Digest, uint32_t, DigestHash> pack_numbers_;
  std::unordered_map<Digest, uint32_t, DigestHash> files_;
  uint32_t next_file_number_ = 0;
};

}  // namespace cofre::repository
