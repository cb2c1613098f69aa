#include "repository/index/blob_index.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <unordered_set>
#include <utility>

namespace cofre::repository {
namespace {

// Two thirds full at most.
constexpr size_t SlotsFor(size_t entries) {
  size_t slots = 1024;
  while (slots * 2 < entries * 3) slots *= 2;
  return slots;
}

}  // namespace

uint32_t BlobIndex::FileNumber(const Digest& index_file) {
  return files_.try_emplace(index_file, next_file_number_).second ? next_file_number_++ : files_.at(index_file);
}

void BlobIndex::AddIndexFile(const Digest& index_file) { FileNumber(index_file); }

void BlobIndex::AddPack(const Digest& index_file, const Digest& pack, std::span<const PackedBlob> blobs) {
  const uint32_t file = FileNumber(index_file);
  const auto [position, is_new] = pack_numbers_.try_emplace(pack, static_cast<uint32_t>(packs_.size()));
  const uint32_t number = position->second;
  if (is_new) packs_.push_back({pack});
  Pack& known = packs_[number];
  auto& files = known.index_files;
  if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);

  for (const PackedBlob& blob : blobs) {
    // A pack is listed in one file as a rule. Where it comes again, only what is new is added.
    if (!is_new && HasCopy(number, blob)) continue;
    known.blobs_end = std::max(known.blobs_end, uint64_t{blob.offset} + blob.length);
    known.file_bytes += blob.length + EntryBytes(blob);
    Insert(
        {blob.id, number << 1 | static_cast<uint32_t>(blob.type), blob.offset, blob.length, blob.uncompressed_length});
  }
}

bool BlobIndex::HasCopy(uint32_t pack_number, const PackedBlob& blob) const {
  if (slots_.empty()) return false;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = DigestHash{}(blob.id) & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.pack_and_type == (pack_number << 1 | static_cast<uint32_t>(blob.type)) && entry.offset == blob.offset &&
        entry.id == blob.id) {
      return true;
    }
  }
  return false;
}

void BlobIndex::Insert(const Entry& entry) {
  if (entries_.size() >= std::numeric_limits<uint32_t>::max() / 2) throw std::length_error("index of 2^31 blobs");
  entries_.push_back(entry);
  if (slots_.size() * 2 < entries_.size() * 3) {
    Rehash(SlotsFor(entries_.size() * 2));
  } else {
    Place(static_cast<uint32_t>(entries_.size()));
  }
}

void BlobIndex::Place(uint32_t number) {
  const size_t mask = slots_.size() - 1;
  size_t slot = DigestHash{}(entries_[number - 1].id) & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = number;
}

void BlobIndex::Rehash(size_t slots) {
  slots_.assign(slots, 0);
  for (size_t i = 0; i < entries_.size(); ++i) Place(static_cast<uint32_t>(i + 1));
}

void BlobIndex::RemoveIndexFiles(std::span<const Digest> index_files) {
  std::unordered_set<uint32_t> gone;
  for (const Digest& id : index_files) {
    const auto position = files_.find(id);
    if (position == files_.end()) continue;
    gone.insert(position->second);
    files_.erase(position);
  }
  if (gone.empty()) return;
  for (Pack& pack : packs_) std::erase_if(pack.index_files, [&](uint32_t file) { return gone.contains(file); });
  DropUnlisted();
}

void BlobIndex::RemovePacks(std::span<const Digest> packs) {
  bool any = false;
  for (const Digest& id : packs) {
    const auto position = pack_numbers_.find(id);
    if (position == pack_numbers_.end()) continue;
    packs_[position->second].index_files.clear();
    any = true;
  }
  if (any) DropUnlisted();
}

void BlobIndex::DropUnlisted() {
  constexpr uint32_t kDropped = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> new_numbers(packs_.size(), kDropped);
  std::vector<Pack> kept;
  pack_numbers_.clear();
  for (size_t i = 0; i < packs_.size(); ++i) {
    if (packs_[i].index_files.empty()) continue;
    new_numbers[i] = static_cast<uint32_t>(kept.size());
    pack_numbers_.emplace(packs_[i].id, new_numbers[i]);
    kept.push_back(std::move(packs_[i]));
  }
  packs_ = std::move(kept);

  std::deque<Entry> entries;
  for (Entry& entry : entries_) {
    const uint32_t number = new_numbers[entry.pack_and_type >> 1];
    if (number == kDropped) continue;
    entry.pack_and_type = number << 1 | (entry.pack_and_type & 1);
    entries.push_back(entry);
  }
  entries_ = std::move(entries);
  Rehash(SlotsFor(entries_.size()));
}

const BlobIndex::Entry* BlobIndex::FindEntry(BlobType type, const Digest& id) const {
  if (slots_.empty()) return nullptr;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = DigestHash{}(id)&mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.id == id && (entry.pack_and_type & 1) == static_cast<uint32_t>(type)) return &entry;
  }
  return nullptr;
}

PackedBlob BlobIndex::BlobOf(const Entry& entry) {
  return {entry.id, static_cast<BlobType>(entry.pack_and_type & 1), entry.offset, entry.length,
          entry.uncompressed_length};
}

std::optional<BlobLocation> BlobIndex::Find(BlobType type, const Digest& id) const {
  const Entry* entry = FindEntry(type, id);
  if (entry == nullptr) return std::nullopt;
  return BlobLocation{packs_[entry->pack_and_type >> 1].id, BlobOf(*entry)};
}

uint64_t BlobIndex::BlobsEnd(const Digest& pack) const {
  const auto position = pack_numbers_.find(pack);
  return position == pack_numbers_.end() ? 0 : packs_[position->second].blobs_end;
}

uint64_t BlobIndex::FileBytes(const Digest& pack) const {
  const auto position = pack_numbers_.find(pack);
  return position == pack_numbers_.end() ? 0 : packs_[position->second].file_bytes;
}

std::vector<Digest> BlobIndex::Packs() const {
  std::vector<Digest> ids;
  ids.reserve(packs_.size());
  for (const Pack& pack : packs_) ids.push_back(pack.id);
  return ids;
}

std::vector<Digest> BlobIndex::IndexFiles() const {
  std::vector<Digest> ids;
  ids.reserve(files_.size());
  for (const auto& [id, number] : files_) ids.push_back(id);
  return ids;
}

void BlobIndex::VisitPacks(const std::function<void(const IndexedPack&)>& visit) const {
  // Entry numbers in order of pack, then offset: 4 bytes a blob instead of a second copy of everything.
  std::vector<uint32_t> order(entries_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint32_t>(i);
  std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
    const Entry& left = entries_[a];
    const Entry& right = entries_[b];
    return std::pair(left.pack_and_type >> 1, left.offset) < std::pair(right.pack_and_type >> 1, right.offset);
  });
  size_t next = 0;
  IndexedPack pack;
  for (size_t number = 0; number < packs_.size(); ++number) {
    pack.id = packs_[number].id;
    pack.blobs.clear();
    for (; next < order.size() && entries_[order[next]].pack_and_type >> 1 == number; ++next) {
      pack.blobs.push_back(BlobOf(entries_[order[next]]));
    }
    visit(pack);
  }
}

}  // namespace cofre::repository
