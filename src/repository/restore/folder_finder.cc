#include "repository/restore/folder_finder.h"

#include <algorithm>

#include "repository/tree.h"

namespace cofre::repository {

std::optional<FoundFolder> FindFolder(TreeLoader& trees, const Digest& root, std::string_view path,
                                      std::stop_token stop) {
  std::optional<FoundFolder> found;
  Digest tree = root;
  while (true) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    if (path.empty()) return found;
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    found.reset();
    ParseTree(trees.Load(tree, stop), {.content = nullptr,
                                       .node =
                                           [&](const TreeNode& node) {
                                             if (node.type != "dir" || node.name != name) return;
                                             found = FoundFolder{node.entry, node.subtree};
                                           },
                                       .with_entries = true});
    if (!found) return std::nullopt;
    tree = found->tree;
  }
}

}  // namespace cofre::repository
