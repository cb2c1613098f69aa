#include "repository/tree.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/error.h"
#include "repository/json/json_reader.h"
#include "repository/json/json_writer.h"
#include "repository/node.h"

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

// Those of the folders above the last segment, from the deepest one up.
void AddParents(std::span<const std::string_view> segments, std::vector<TreeBlob>& trees) {
  for (size_t i = segments.size() - 1; i > 0; --i) trees.push_back(FolderTree(segments[i - 1], trees.back().id));
}

bool IsPlainCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::optional<EntryType> TypeOf(std::string_view type) {
  if (type == "file") return EntryType::kFile;
  if (type == "dir") return EntryType::kFolder;
  if (type == "symlink") return EntryType::kLink;
  return std::nullopt;
}

uint32_t ReadOwner(JsonReader& reader) {
  const uint64_t id = reader.Unsigned();
  if (id > std::numeric_limits<uint32_t>::max()) reader.Fail("an owner that is none");
  return static_cast<uint32_t>(id);
}

// One that 64 bits of nanoseconds can't hold, such as year 1 where restic knew none, is 1970.
TimePoint ReadNodeTime(JsonReader& reader) { return ParseTime(reader.String()).value_or(TimePoint{}); }

// Whether the member is one of FolderEntry's, and was read.
bool ReadEntryMember(JsonReader& reader, std::string_view key, FolderEntry& entry) {
  if (key == "mode") {
    entry.mode = PermissionsOf(reader.Unsigned());
  } else if (key == "mtime") {
    entry.modified = ReadNodeTime(reader);
  } else if (key == "ctime") {
    entry.changed = ReadNodeTime(reader);
  } else if (key == "uid") {
    entry.uid = ReadOwner(reader);
  } else if (key == "gid") {
    entry.gid = ReadOwner(reader);
  } else if (key == "user") {
    entry.user = reader.String();
  } else if (key == "group") {
    entry.group = reader.String();
  } else if (key == "inode") {
    entry.inode = reader.Unsigned();
  } else if (key == "device_id") {
    entry.device = reader.Unsigned();
  } else if (key == "links") {
    entry.links = reader.Unsigned();
  } else if (key == "linktarget") {
    // The raw form, where there is one, comes after it.
    entry.target = reader.String();
  } else if (key == "linktarget_raw") {
    if (reader.Null()) return true;
    const auto target = Base64Decode(reader.String());
    if (!target) reader.Fail("a link's target that is no base64");
    entry.target = std::string(AsText(*target));
  } else {
    return false;
  }
  return true;
}

TreeNode ReadNode(JsonReader& reader, const TreeVisitor& visitor) {
  TreeNode node;
  reader.Object([&](std::string_view key) {
    if (key == "name") {
      node.name = UnquoteName(reader.String());
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
    } else if (!visitor.with_entries || !ReadEntryMember(reader, key, node.entry)) {
      reader.Skip();
    }
  });
  if (node.name.empty()) reader.Fail("a node without a name");
  if (node.type.empty()) reader.Fail("a node without a type");
  if (node.type == "file" && !node.has_content) reader.Fail("a file without a content list");
  if (node.type == "dir" && !node.has_subtree) reader.Fail("a folder without a tree");
  if (visitor.with_entries) {
    node.entry.name = node.name;
    node.entry.size = node.size;
    node.entry.type = TypeOf(node.type).value_or(EntryType::kFile);
  }
  return node;
}

}  // namespace

std::vector<std::string_view> SplitSnapshotPath(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

void RequireValidSnapshotPath(std::string_view path) {
  const auto refuse = [&] {
    throw Error(ErrorKind::kUsage, "\"" + std::string(path) + "\" cannot be a backup's path",
                "an absolute path whose segments have letters, digits, '.', '_' and '-' only");
  };
  if (path.empty() || path.front() != '/' || path.size() > 4096) refuse();
  for (const std::string_view segment : SplitSnapshotPath(path)) {
    if (segment.empty() || segment == "." || segment == "..") refuse();
    if (!std::all_of(segment.begin(), segment.end(), IsPlainCharacter)) refuse();
  }
}

std::vector<TreeBlob> BuildTrees(std::string_view path, uint64_t size, std::span<const Digest> content) {
  RequireValidSnapshotPath(path);
  const std::vector<std::string_view> segments = SplitSnapshotPath(path);
  std::vector<TreeBlob> trees;
  trees.push_back(FileTree(segments.back(), size, content));
  AddParents(segments, trees);
  return trees;
}

std::vector<TreeBlob> BuildFolderChain(std::string_view path, FolderEntry entry, const Digest& subtree) {
  RequireValidSnapshotPath(path);
  const std::vector<std::string_view> segments = SplitSnapshotPath(path);
  entry.name = segments.back();
  std::string node;
  AppendFolderNode(node, entry, subtree);
  std::vector<TreeBlob> trees;
  trees.push_back(FinishTree(std::move(node)));
  AddParents(segments, trees);
  return trees;
}

TreeBlob FinishTree(std::string nodes) {
  nodes.insert(0, R"({"nodes":[)");
  nodes += "]}\n";
  const Digest id = Sha256(AsBytes(nodes));
  return {id, std::move(nodes)};
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
