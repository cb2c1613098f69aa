#pragma once

// Folders of a local store: walking down a key's path without following symbolic links, and reading what is there.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "storage/object_store.h"

namespace cofre::storage {

// "a/b/c" -> folder "a/b", name "c"; "c" -> folder "", name "c".
struct KeyPath {
  std::string folder;
  std::string name;
};
KeyPath SplitKey(const std::string& key);

// Whether errno's value says that nothing of that name can be there: missing, or below a file or a symbolic link.
bool MeansNotThere(int error_number);

// Opens the folder `path` ("" or "a/b") below `root`. Invalid where it is not there; throws for anything else.
FileDescriptor OpenFolder(int root, std::string_view path);

struct FolderEntry {
  std::string name;
  bool is_folder = false;
};

// Files and folders, sorted as the keys of what is below them sort. Links, sockets and the like are left out, and so
// are names that no key can have.
std::vector<FolderEntry> ReadFolder(int folder);

// Calls `visit` for each file below `folder` in ascending order of the keys, which begin with `prefix`. Ends early, and
// returns false, when `visit` returns false. What vanishes meanwhile is left out.
bool VisitFiles(int folder, const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit);

}  // namespace cofre::storage
