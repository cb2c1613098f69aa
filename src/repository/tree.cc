#include "repository/tree.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"

namespace cofre::repository {
namespace {

// The same for ever: see the header. 1980 is the first year that every file system can hold. Owner root, readable by
// the owner alone; Go's mode bits (os.ModeDir is 2^31).
constexpr std::string_view kFileMode = "384";           // 0600
constexpr std::string_view kFolderMode = "2147484096";  // ModeDir | 0700
constexpr std::string_view kTimesAndOwner =
    R"(,"mtime":"1980-01-01T00:00:00Z","atime":"1980-01-01T00:00:00Z","ctime":"1980-01-01T00:00:00Z","uid":0,"gid":0)";

std::string Opening(std::string_view name, std::string_view type, std::string_view mode) {
  std::string json = R"({"nodes":[{"name":)";
  AppendJsonString(json, name);
  json += R"(,"type":")";
  json += type;
  json += R"(","mode":)";
  json += mode;
  json += kTimesAndOwner;
  return json;
}

TreeBlob Finish(std::string json) {
  json += "}]}\n";
  const Digest id = Sha256(AsBytes(json));
  return {id, std::move(json)};
}

TreeBlob FileTree(std::string_view name, uint64_t size, std::span<const Digest> content) {
  std::string json = Opening(name, "file", kFileMode);
  json.reserve(json.size() + content.size() * 67 + 64);
  if (size != 0) {
    json += R"(,"size":)";
    AppendJsonNumber(json, size);
  }
  json += R"(,"content":[)";
  for (const Digest& id : content) {
    if (&id != content.data()) json.push_back(',');
    AppendJsonId(json, id);
  }
  json.push_back(']');
  return Finish(std::move(json));
}

TreeBlob FolderTree(std::string_view name, const Digest& subtree) {
  std::string json = Opening(name, "dir", kFolderMode);
  json += R"(,"content":null,"subtree":)";
  AppendJsonId(json, subtree);
  return Finish(std::move(json));
}

std::vector<std::string_view> SplitPath(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool IsPlainCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

// Nodes of others can have any name; restic stores strconv.Quote's form without its quotes.
std::string Unquote(std::string_view quoted) {
  std::string name;
  name.reserve(quoted.size());
  while (!quoted.empty()) {
    if (quoted[0] != '\\' || quoted.size() < 2) {
      name.push_back(quoted[0]);
      quoted.remove_prefix(1);
      continue;
    }
    static constexpr std::string_view kLetters = "abfnrtv\\\"'";
    static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"'";
    const char letter = quoted[1];
    const size_t simple = kLetters.find(letter);
    quoted.remove_prefix(2);
    if (simple != std::string_view::npos) {
      name.push_back(kMeanings[simple]);
      continue;
    }
    const size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    uint32_t code = 0;
    if (digits == 0 || quoted.size() < digits ||
        std::from_chars(quoted.data(), quoted.data() + digits, code, 16).ptr != quoted.data() + digits) {
      throw Error(ErrorKind::kCorrupt, "tree is damaged: a node's name has an unknown escape");
    }
    quoted.remove_prefix(digits);
    if (letter == 'x') {
      name.push_back(static_cast<char>(code));
    } else {
      AppendUtf8(name, code);
    }
  }
  return name;
}

TreeNode ReadNode(JsonReader& reader, const TreeVisitor& visitor) {
  TreeNode node;
  reader.Object([&](std::string_view key) {
    if (key == "name") {
      node.name = Unquote(reader.String());
    } else if (key == "type") {
      node.type = reader.String();
    } else if (key == "size") {
      node.size = reader.Unsigned();
    } else if (key == "subtree") {
      if (reader.Null()) return;
      node.subtree = reader.Id();
      node.has_subtree = true;
    } else if (key == "content") {
      if (reader.Null()) return;
      if (node.has_content) reader.Fail("a node with two contents");
      node.has_content = true;
      reader.Array([&] {
        const Digest id = reader.Id();
        ++node.content_blobs;
        if (visitor.content) visitor.content(id);
      });
    } else {
      reader.Skip();
    }
  });
  if (node.name.empty()) reader.Fail("a node without a name");
  if (node.type.empty()) reader.Fail("a node without a type");
  if (node.type == "file" && !node.has_content) reader.Fail("a file without a content list");
  if (node.type == "dir" && !node.has_subtree) reader.Fail("a folder without a tree");
  return node;
}

}  // namespace

void RequireValidSnapshotPath(std::string_view path) {
  const auto refuse = [&] {
    throw Error(ErrorKind::kUsage, "\"" + std::string(path) + "\" cannot be a backup's path",
                "an absolute path whose segments have letters, digits, '.', '_' and '-' only");
  };
  if (path.empty() || path.front() != '/' || path.size() > 4096) refuse();
  for (const std::string_view segment : SplitPath(path)) {
    if (segment.empty() || segment == "." || segment == "..") refuse();
    if (!std::all_of(segment.begin(), segment.end(), IsPlainCharacter)) refuse();
  }
}

std::vector<TreeBlob> BuildTrees(std::string_view path, uint64_t size, std::span<const Digest> content) {
  RequireValidSnapshotPath(path);
  const std::vector<std::string_view> segments = SplitPath(path);
  std::vector<TreeBlob> trees;
  trees.push_back(FileTree(segments.back(), size, content));
  for (size_t i = segments.size() - 1; i > 0; --i) trees.push_back(FolderTree(segments[i - 1], trees.back().id));
  return trees;
}

void ParseTree(ByteView json, const TreeVisitor& visitor) {
  JsonReader reader(json, "tree");
  bool has_nodes = false;
  reader.Object([&](std::string_view key) {
    if (key != "nodes") {
      reader.Skip();
      return;
    }
    has_nodes = true;
    if (reader.Null()) return;
    reader.Array([&] {
      const TreeNode node = ReadNode(reader, visitor);
      if (visitor.node) visitor.node(node);
    });
  });
  reader.End();
  if (!has_nodes) reader.Fail("it has no nodes");
}

}  // namespace cofre::repository
