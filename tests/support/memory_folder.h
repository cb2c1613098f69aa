#pragma once

// A folder in memory as a FolderSource, and what a FolderSink was given.

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/folder.h"

namespace cofre::test {

// By path below the folder, "a/b/c": the text of a file; a folder where the path ends in '/', a link where the text
// begins with "-> ".
using FolderText = std::map<std::string, std::string>;

inline constexpr TimePoint kLongAgo{std::chrono::seconds(1'700'000'000)};

// Gives a FolderText. Inodes and times stay those of a name until its text changes its length.
class MemoryFolder : public FolderSource {
 public:
  explicit MemoryFolder(const FolderText& text) {
    Node root;
    for (const auto& [path, content] : text) Add(root, path, content);
    Give(root, "", EntryType::kFolder);
    steps_.push_back({FolderStep::Kind::kEnd, {}});
  }

  FolderStep Next() override { return steps_[next_++]; }
  bool Open(FolderEntry& entry) override {
    ++opened_;
    if (on_open) on_open(entry.name);
    reading_ = contents_.at(next_ - 1);
    given_ = 0;
    return !gone_.contains(entry.name);
  }
  size_t Read(MutableBytes buffer) override {
    const size_t bytes = std::min({buffer.size(), size_t{4096}, reading_.size() - given_});
    if (bytes > 0) std::memcpy(buffer.data(), reading_.data() + given_, bytes);
    given_ += bytes;
    return bytes;
  }
  bool Settled(FolderEntry& entry) override {
    const auto changed = changes_.find(entry.name);
    if (changed == changes_.end()) return true;
    reading_ = changed->second;
    given_ = 0;
    entry.size = reading_.size();
    changes_.erase(changed);
    return false;
  }

  size_t opened() const { return opened_; }
  // The file is another one once it was read for the first time.
  void ChangeWhileRead(const std::string& name, const std::string& text) { changes_[name] = text; }
  void Vanish(const std::string& name) { gone_[name] = true; }

  std::function<void(const std::string& name)> on_open;

 private:
  struct Node {
    std::map<std::string, Node> below;
    std::string content;
    bool is_folder = false;
  };

  static void Add(Node& node, const std::string& path, const std::string& content) {
    node.is_folder = true;
    if (path.empty()) return;
    const size_t slash = path.find('/');
    Node& child = node.below[path.substr(0, slash)];
    if (slash == std::string::npos) {
      child.content = content;
    } else {
      Add(child, path.substr(slash + 1), content);
    }
  }

  void Give(const Node& node, const std::string& name, EntryType type) {
    FolderEntry entry;
    entry.name = name;
    entry.type = type;
    entry.mode = type == EntryType::kFolder ? 0755 : 0640;
    entry.inode = std::hash<std::string>()(name) | 1;
    entry.modified = entry.changed = kLongAgo + std::chrono::seconds(node.content.size());
    if (type == EntryType::kFile) entry.size = node.content.size();
    if (type == EntryType::kLink) entry.target = node.content.substr(3);
    contents_[steps_.size()] = node.content;
    steps_.push_back({FolderStep::Kind::kEntry, entry});
    if (type != EntryType::kFolder) return;
    for (const auto& [child_name, child] : node.below) {
      const bool is_link = child.content.starts_with("-> ");
      Give(child, child_name, child.is_folder ? EntryType::kFolder : is_link ? EntryType::kLink : EntryType::kFile);
    }
    steps_.push_back({FolderStep::Kind::kLeave, {}});
  }

  std::vector<FolderStep> steps_;
  std::map<size_t, std::string> contents_;  // by step
  size_t next_ = 0;
  std::string reading_;
  size_t given_ = 0;
  size_t opened_ = 0;
  std::map<std::string, std::string> changes_;
  std::map<std::string, bool> gone_;
};

class MemoryFolderSink : public FolderSink {
 public:
  void EnterFolder(const FolderEntry& entry) override {
    folders_.push_back(folders_.empty() ? "" : folders_.back() + entry.name + "/");
    text_[folders_.back()] = "";
  }
  void LeaveFolder() override { folders_.pop_back(); }
  void BeginFile(const FolderEntry& entry) override { text_[path_ = folders_.back() + entry.name] = ""; }
  void Write(ByteView data) override { text_[path_] += AsText(data); }
  void EndFile() override { path_.clear(); }
  void AddLink(const FolderEntry& entry) override { text_[folders_.back() + entry.name] = "-> " + entry.target; }
  void Finish() override { finished_ = true; }

  // Folders included, with a '/' behind; the folder itself is "".
  const FolderText& text() const { return text_; }
  bool finished() const { return finished_; }

 private:
  FolderText text_;
  std::vector<std::string> folders_;
  std::string path_;
  bool finished_ = false;
};

// With all the folders that lead to its files, as MemoryFolderSink has it.
inline FolderText WithFolders(const FolderText& text) {
  FolderText all{{"", ""}};
  for (const auto& [path, content] : text) {
    for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      all[path.substr(0, slash + 1)] = "";
    }
    all[path] = content;
  }
  return all;
}

}  // namespace cofre::test
