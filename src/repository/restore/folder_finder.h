#pragma once

// From a snapshot to the folder that it is of.

#include <optional>
#include <stop_token>
#include <string_view>

#include "base/folder.h"
#include "repository/tree_loader.h"

namespace cofre::repository {

struct FoundFolder {
  FolderEntry entry;
  Digest tree{};
};

// The folder at `path` below the tree `root`; nullopt where there is none, or something else. Throws corrupt.
std::optional<FoundFolder> FindFolder(TreeLoader& trees, const Digest& root, std::string_view path,
                                      std::stop_token stop);

}  // namespace cofre::repository
