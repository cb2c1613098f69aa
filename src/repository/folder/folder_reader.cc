#include "repository/folder/folder_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "repository/node.h"
#include "repository/parallel.h"
#include "repository/restore/content_stream.h"
#include "repository/restore/file_finder.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

// A tree may name another one many times, so that a few of them make up more entries than any disk can hold.
constexpr uint64_t kMostEntries = 100'000'000;
// Entries whose blobs are fetched together.
constexpr size_t kEntriesTogether = 4096;
constexpr size_t kBlobsTogether = 64 * 1024;

[[noreturn]] void Refuse(std::string_view name, std::string_view why) {
  throw Error(ErrorKind::kCorrupt, fmt::format("the entry \"{}\" {}", QuoteName(name.substr(0, 200)), why),
              "whoever wrote this snapshot meant harm, or had a fault: restore another one");
}

void RequireHarmless(const FolderEntry& entry) {
  const std::string& name = entry.name;
  if (name == "." || name == ".." || name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
    Refuse(name, "has a name that no file can have");
  }
  if (entry.type == EntryType::kLink && (entry.target.empty() || entry.target.find('\0') != std::string::npos)) {
    Refuse(name, "is a link that leads to no name");
  }
}

}  // namespace

std::vector<FolderReader::Node> FolderReader::Load(const Digest& tree, uint64_t* left_out) {
  std::vector<Node> nodes;
  std::vector<Digest> content;
  const TreeVisitor visitor{.content = [&](const Digest& blob) { content.push_back(blob); },
                            .node =
                                [&](const TreeNode& node) {
                                  if (node.type == "file" || node.type == "dir" || node.type == "symlink") {
                                    nodes.push_back({node.entry, std::move(content), node.subtree});
                                  } else if (left_out != nullptr) {
                                    ++*left_out;
                                  }
                                  content = {};
                                },
                            .with_entries = true};
  ParseTree(trees_.Load(tree, stop_), visitor);
  return nodes;
}

FolderContents FolderReader::Check(const FoundFolder& folder) { return CheckTree(folder.tree, 1).contents; }

FolderReader::Facts FolderReader::CheckTree(const Digest& tree, size_t depth) {
  RequireNotStopped(stop_);
  const auto known = checked_.find(tree);
  const size_t levels = known == checked_.end() ? 1 : known->second.levels;
  if (depth + levels - 1 > kDeepestFolder) {
    throw Error(ErrorKind::kCorrupt, fmt::format("the snapshot's folders nest deeper than {}", kDeepestFolder));
  }
  if (known != checked_.end()) return known->second;

  Facts facts;
  FolderContents& all = facts.contents;
  all.folders = 1;
  std::unordered_set<std::string> names;
  for (const Node& node : Load(tree, &all.left_out)) {
    RequireHarmless(node.entry);
    if (!names.insert(node.entry.name).second) Refuse(node.entry.name, "is there twice in one folder");
    if (node.entry.type == EntryType::kLink) {
      ++all.links;
    } else if (node.entry.type == EntryType::kFile) {
      ++all.files;
      all.bytes += node.entry.size;
      if (const uint64_t bytes = PlainBytes(state_.index, node.content); bytes != node.entry.size) {
        Refuse(node.entry.name, fmt::format("should have {} bytes, but its blobs have {}", node.entry.size, bytes));
      }
    } else {
      const Facts below = CheckTree(node.subtree, depth + 1);
      all.files += below.contents.files;
      all.folders += below.contents.folders;
      all.links += below.contents.links;
      all.left_out += below.contents.left_out;
      all.bytes += below.contents.bytes;
      facts.levels = std::max(facts.levels, below.levels + 1);
    }
    if (all.files + all.folders + all.links + all.left_out > kMostEntries) {
      throw Error(ErrorKind::kCorrupt, fmt::format("the snapshot has more than {} entries", kMostEntries));
    }
  }
  checked_.emplace(tree, facts);
  return facts;
}

// Collects entries, and gives them to the sink with their blobs, which are fetched for many files at once.
class FolderReader::Pusher {
 public:
  Pusher(FolderReader& reader, FolderSink& sink, bool with_contents, const std::function<void(uint64_t)>& written)
      : reader_(reader), sink_(sink), with_contents_(with_contents), written_(written) {}

  void Folder(const FolderEntry& entry, const Digest& tree) {
    Add({Step::Kind::kEnter, entry, 0}, {});
    for (Node& node : reader_.Load(tree, nullptr)) {
      if (node.entry.type == EntryType::kFolder) {
        Folder(node.entry, node.subtree);
      } else if (node.entry.type == EntryType::kLink) {
        Add({Step::Kind::kLink, std::move(node.entry), 0}, {});
      } else {
        Add({Step::Kind::kFile, std::move(node.entry), node.content.size()}, node.content);
      }
    }
    Add({Step::Kind::kLeave, {}, 0}, {});
  }

  void Flush() {
    const std::vector<Step> steps = std::exchange(steps_, {});
    const std::vector<Digest> content = std::exchange(content_, {});
    at_ = steps.begin();
    Begin(steps);
    StreamContent(
        reader_.state_, content, {},
        [&](ByteView plain) {
          sink_.Write(plain);
          written_(plain.size());
          if (--blobs_left_ > 0) return;
          sink_.EndFile();
          Begin(steps);
        },
        reader_.stop_);
  }

 private:
  struct Step {
    enum class Kind : uint8_t { kEnter, kLeave, kFile, kLink };
    Kind kind;
    FolderEntry entry;
    size_t blobs;
  };

  void Add(Step step, std::span<const Digest> content) {
    RequireNotStopped(reader_.stop_);
    steps_.push_back(std::move(step));
    if (with_contents_) {
      content_.insert(content_.end(), content.begin(), content.end());
    } else {
      steps_.back().blobs = 0;
    }
    if (steps_.size() >= kEntriesTogether || content_.size() >= kBlobsTogether) Flush();
  }

  // Takes steps up to the next file that has bytes, which is begun.
  void Begin(const std::vector<Step>& steps) {
    for (; at_ != steps.end() && blobs_left_ == 0; ++at_) {
      if (at_->kind == Step::Kind::kEnter) sink_.EnterFolder(at_->entry);
      if (at_->kind == Step::Kind::kLeave) sink_.LeaveFolder();
      if (at_->kind == Step::Kind::kLink) sink_.AddLink(at_->entry);
      if (at_->kind != Step::Kind::kFile) continue;
      sink_.BeginFile(at_->entry);
      blobs_left_ = at_->blobs;
      if (blobs_left_ == 0) sink_.EndFile();
    }
  }

  FolderReader& reader_;
  FolderSink& sink_;
  const bool with_contents_;
  const std::function<void(uint64_t)>& written_;
  std::vector<Step> steps_;
  std::vector<Digest> content_;
  std::vector<Step>::const_iterator at_;
  size_t blobs_left_ = 0;  // of the file that is begun
};

void FolderReader::Push(const FoundFolder& folder, FolderSink& sink, bool with_contents,
                        const std::function<void(uint64_t bytes)>& written) {
  Pusher pusher(*this, sink, with_contents, written);
  pusher.Folder(folder.entry, folder.tree);
  pusher.Flush();
}

}  // namespace cofre::repository
