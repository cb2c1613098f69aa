#include "repository/check/checker.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "repository/check/pack_check.h"
#include "repository/config_file.h"
#include "repository/crypto/key_file.h"
#include "repository/parallel.h"
#include "repository/restore/file_finder.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

constexpr size_t kConcurrentPacks = 3;
constexpr size_t kConcurrentReads = 6;
constexpr uint64_t kMaxSmallObjectBytes = uint64_t{65} << 20;
constexpr std::array<std::string_view, 8> kNodeTypes = {"file",    "dir",  "symlink", "dev",
                                                        "chardev", "fifo", "socket",  "irregular"};

bool IsDamage(const Error& error) {
  return error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kNotFound;
}

}  // namespace

void Checker::Problem(const std::string& object, const std::string& message) {
  const std::lock_guard lock(mutex_);
  report_.problems.push_back({object, message});
}

void Checker::Hint(const std::string& text) {
  const std::lock_guard lock(mutex_);
  report_.hints.push_back(text);
}

template <typename Body>
void Checker::Guard(const std::string& object, Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    if (!IsDamage(error) && error.kind() != ErrorKind::kUsage) throw;
    Problem(object, error.what());
  }
}

void Checker::ListObjects() {
  state_.store->List(
      "", [this](const storage::ObjectInfo& object) { NoteObject(object); }, stop_);
}

void Checker::NoteObject(const storage::ObjectInfo& object) {
  if (object.key.starts_with(kExtrasFolder)) extras_.push_back(object.key);
  for (const FileKind kind :
       {FileKind::kPack, FileKind::kIndex, FileKind::kSnapshot, FileKind::kLock, FileKind::kKey}) {
    if (!object.key.starts_with(FolderOf(kind))) continue;
    const auto id = IdOfKey(kind, object.key);
    if (!id) {
      Hint(object.key + " is not named as restic names its files, and is left alone");
    } else if (kind == FileKind::kPack) {
      stored_packs_.emplace(*id, object.size);
    } else {
      objects_[kind].push_back({*id, object.size});
    }
  }
}

void Checker::CheckConfigAndKeys() {
  Guard("config", [this] {
    const RepositoryConfig config =
        ConfigFromJson(state_.sealer.Open(state_.store->Get("config", kMaxSmallObjectBytes, stop_)));
    if (config.id != state_.config.id) throw Error(ErrorKind::kCorrupt, "it is that of another repository");
  });
  if (objects_[FileKind::kKey].empty()) Problem("keys/", "there is no key file: nobody can open the repository again");
  for (const Object& object : objects_[FileKind::kKey]) {
    const std::string key = KeyOf(FileKind::kKey, object.id);
    Guard(key, [&] {
      const Bytes json = state_.store->Get(key, MaxStoredBytes(FileKind::kKey), stop_);
      if (Sha256(json) != object.id) throw Error(ErrorKind::kCorrupt, "its content is not what its name says");
      KeyFileFromJson(json);
    });
  }
  for (const std::string& key : extras_) {
    Guard(key, [&] { state_.sealer.Open(state_.store->Get(key, kMaxSmallObjectBytes, stop_)); });
  }
}

void Checker::LoadIndexes() {
  const std::vector<Object>& files = objects_[FileKind::kIndex];
  std::mutex merge_mutex;
  ParallelFor(files.size(), kConcurrentReads, stop_, [&](size_t i, const std::stop_token& stop) {
    const Digest& file = files[i].id;
    Guard(KeyOf(FileKind::kIndex, file), [&] {
      const Bytes json = state_.LoadUnpacked(FileKind::kIndex, file, stop);
      std::vector<IndexedPack> packs;
      ParseIndex(json, [&](const Digest& pack, std::span<const PackedBlob> blobs) {
        packs.push_back({pack, {blobs.begin(), blobs.end()}});
      });
      const std::lock_guard lock(merge_mutex);
      index_.AddIndexFile(file);
      for (const IndexedPack& pack : packs) AddToIndex(file, pack);
    });
  });
}

void Checker::AddToIndex(const Digest& file, const IndexedPack& pack) {
  std::vector<PackedBlob> blobs = pack.blobs;
  std::sort(blobs.begin(), blobs.end(), [](const PackedBlob& a, const PackedBlob& b) { return a.offset < b.offset; });
  Bytes listed = EncodePackHeader(blobs);
  for (const PackedBlob& blob : blobs) AppendU32(listed, blob.offset);
  const auto [known, is_new] = pack_contents_.emplace(pack.id, Sha256(listed));
  if (!is_new && known->second == Sha256(listed)) {
    Hint(KeyOf(FileKind::kPack, pack.id) + " is listed by more than one index file");
  } else if (!is_new) {
    Problem(KeyOf(FileKind::kIndex, file),
            "it lists other blobs for pack " + pack.id.Hex() + " than another index file");
  }
  index_.AddPack(file, pack.id, pack.blobs);
}

void Checker::ComparePacks() {
  report_.packs = index_.pack_count();
  report_.blobs = index_.blob_count();
  index_.VisitPacks([this](const IndexedPack& pack) {
    const std::string key = KeyOf(FileKind::kPack, pack.id);
    const auto stored = stored_packs_.find(pack.id);
    if (stored == stored_packs_.end()) {
      Problem(key, "it is missing");
    } else if (stored->second != PackBytes(pack.blobs)) {
      Problem(key, "it has " + std::to_string(stored->second) + " bytes, and by the index should have " +
                       std::to_string(PackBytes(pack.blobs)));
    }
  });
  for (const auto& [id, size] : stored_packs_) {
    if (!index_.HasPack(id)) Hint(KeyOf(FileKind::kPack, id) + " is in no index: a crash left it, a prune removes it");
  }
}

void Checker::CheckSnapshots() {
  TreeLoader trees(state_, index_);
  for (const Object& object : objects_[FileKind::kSnapshot]) {
    RequireNotStopped(stop_);
    ++report_.snapshots;
    const std::string key = KeyOf(FileKind::kSnapshot, object.id);
    Guard(key, [&] {
      const Snapshot snapshot = SnapshotFromJson(state_.LoadUnpacked(FileKind::kSnapshot, object.id, stop_));
      CheckTrees(trees, key, snapshot.tree);
    });
  }
}

void Checker::CheckTrees(TreeLoader& trees, const std::string& snapshot, const Digest& root) {
  std::vector<Digest> pending{root};
  while (!pending.empty()) {
    const Digest tree = pending.back();
    pending.pop_back();
    if (!seen_trees_.insert(tree).second) continue;
    Guard(snapshot, [&] {
      const std::vector<Digest> folders = CheckTree(trees, snapshot, tree);
      pending.insert(pending.end(), folders.begin(), folders.end());
    });
  }
}

std::vector<Digest> Checker::CheckTree(TreeLoader& trees, const std::string& snapshot, const Digest& tree) {
  std::vector<Digest> folders;
  std::vector<Digest> content;
  ParseTree(trees.Load(tree, stop_),
            {.content = [&](const Digest& id) { content.push_back(id); },
             .node =
                 [&](const TreeNode& node) {
                   if (std::find(kNodeTypes.begin(), kNodeTypes.end(), node.type) == kNodeTypes.end()) {
                     Problem(snapshot, node.name + " is of the unknown type " + node.type);
                   }
                   if (node.has_subtree) folders.push_back(node.subtree);
                   Guard(snapshot, [&] {
                     const uint64_t bytes = PlainBytes(index_, content);
                     if (node.type == "file" && bytes != node.size) {
                       throw Error(ErrorKind::kCorrupt, node.name + " should have " + std::to_string(node.size) +
                                                            " bytes, but its blobs have " + std::to_string(bytes));
                     }
                   });
                   content.clear();
                 }});
  return folders;
}

void Checker::ReadPacks(std::atomic<uint64_t>* progress) {
  std::vector<IndexedPack> packs;
  index_.VisitPacks([&](const IndexedPack& pack) {
    if (stored_packs_.contains(pack.id)) packs.push_back(pack);
  });
  std::vector<Digest> unindexed;
  for (const auto& [id, size] : stored_packs_) {
    if (!index_.HasPack(id)) unindexed.push_back(id);
  }
  std::atomic<uint64_t> own{0};
  std::atomic<uint64_t>& bytes = progress == nullptr ? own : *progress;
  ParallelFor(packs.size() + unindexed.size(), kConcurrentPacks, stop_, [&](size_t i, const std::stop_token& stop) {
    if (i < packs.size()) {
      const std::string key = KeyOf(FileKind::kPack, packs[i].id);
      bytes += CheckPack(
          state_, packs[i], stored_packs_.at(packs[i].id), [&](const std::string& message) { Problem(key, message); },
          stop);
    } else {
      const Digest& id = unindexed[i - packs.size()];
      bytes += CheckUnindexedPack(
          state_, id, stored_packs_.at(id),
          [&](const std::string& message) { Hint(KeyOf(FileKind::kPack, id) + ": " + message); }, stop);
    }
  });
  report_.bytes_read = bytes;
}

CheckReport Checker::Finish() {
  const std::lock_guard lock(mutex_);
  // The same finding can come from a listing and from a reading.
  auto& problems = report_.problems;
  const auto order = [](const CheckProblem& a, const CheckProblem& b) {
    return std::tie(a.object, a.message) < std::tie(b.object, b.message);
  };
  std::sort(problems.begin(), problems.end(), order);
  problems.erase(
      std::unique(problems.begin(), problems.end(),
                  [&](const CheckProblem& a, const CheckProblem& b) { return !order(a, b) && !order(b, a); }),
      problems.end());
  std::sort(report_.hints.begin(), report_.hints.end());
  return std::move(report_);
}

}  // namespace cofre::repository
