#include "repository/restore/file_finder.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "repository/parallel.h"
#include "repository/tree.h"

namespace cofre::repository {
namespace {

constexpr size_t kMaxDepth = 256;

// The node that the path's next segment names, or the only one where there is no path. `blobs` gets its content.
TreeNode PickNode(ByteView tree, std::optional<std::string_view> name, std::vector<Digest>& blobs) {
  std::optional<TreeNode> picked;
  size_t nodes = 0;
  std::vector<Digest> content;
  ParseTree(tree, {.content = [&](const Digest& id) { content.push_back(id); },
                   .node =
                       [&](const TreeNode& node) {
                         ++nodes;
                         if (!name || node.name == *name) {
                           picked = node;
                           blobs.swap(content);
                         }
                         content.clear();
                       }});
  if (!name && nodes != 1) {
    throw Error(ErrorKind::kUsage, nodes == 0 ? "the snapshot holds no file" : "the snapshot holds more than one file",
                nodes == 0 ? "" : "name the path of the one that is meant");
  }
  if (!picked) throw Error(ErrorKind::kNotFound, "the snapshot holds no " + std::string(*name));
  return *picked;
}

}  // namespace

uint64_t PlainBytes(const BlobIndex& index, std::span<const Digest> blobs) {
  uint64_t bytes = 0;
  for (const Digest& id : blobs) {
    const auto location = index.Find(BlobType::kData, id);
    if (!location) throw Error(ErrorKind::kCorrupt, "data blob " + id.Hex() + " is in no pack that the index knows");
    bytes += location->blob.plain_length();
  }
  return bytes;
}

FileContent FindFile(TreeLoader& trees, const BlobIndex& index, const Digest& root, std::string_view path,
                     std::stop_token stop) {
  FileContent file;
  Digest tree = root;
  std::string_view rest = path;
  for (size_t depth = 0;; ++depth) {
    RequireNotStopped(stop);
    if (depth > kMaxDepth) throw Error(ErrorKind::kCorrupt, "the snapshot's folders nest too deeply");
    std::optional<std::string_view> name;
    if (!path.empty()) {
      rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
      name = rest.substr(0, rest.find('/'));
      rest.remove_prefix(name->size());
    }
    const TreeNode node = PickNode(trees.Load(tree, stop), name, file.blobs);
    file.path += "/" + node.name;
    if (node.type == "dir" && (path.empty() || rest.find_first_not_of('/') != std::string_view::npos)) {
      tree = node.subtree;
      continue;
    }
    if (node.type != "file" || rest.find_first_not_of('/') != std::string_view::npos) {
      throw Error(ErrorKind::kUsage, file.path + " is not a file but a " + node.type);
    }
    file.size = node.size;
    const uint64_t bytes = PlainBytes(index, file.blobs);
    if (bytes != file.size) {
      throw Error(ErrorKind::kCorrupt, file.path + " should have " + std::to_string(file.size) +
                                           " bytes, but its blobs have " + std::to_string(bytes));
    }
    return file;
  }
}

void VisitFiles(TreeLoader& trees, const Digest& root,
                const std::function<void(const std::string& path, uint64_t size)>& visit, std::stop_token stop) {
  struct Folder {
    Digest tree;
    std::string path;
    size_t depth;
  };
  std::vector<Folder> folders{{root, "", 0}};
  while (!folders.empty()) {
    const Folder folder = std::move(folders.back());
    folders.pop_back();
    if (folder.depth > kMaxDepth) throw Error(ErrorKind::kCorrupt, "the snapshot's folders nest too deeply");
    ParseTree(trees.Load(folder.tree, stop), {.content = nullptr, .node = [&](const TreeNode& node) {
                                                const std::string path = folder.path + "/" + node.name;
                                                if (node.type == "file") visit(path, node.size);
                                                if (node.type == "dir") {
                                                  folders.push_back({node.subtree, path, folder.depth + 1});
                                                }
                                              }});
  }
}

}  // namespace cofre::repository
