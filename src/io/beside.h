#pragma once

// Making a file's successor beside it, and putting it in its place in one step.

#include <string>

#include "base/file.h"

namespace cofre::io {

// A hidden folder in the folder of `path`, for this process alone (mode 0700), gone with this object. A process that is
// killed leaves it behind; the next one for the same `path` removes what no process holds any more.
class BesideFolder {
 public:
  // Throws not_found where the folder of `path` is missing, permanent where it cannot be written to.
  explicit BesideFolder(const std::string& path);
  ~BesideFolder() { Remove(); }
  BesideFolder(const BesideFolder&) = delete;
  BesideFolder& operator=(const BesideFolder&) = delete;

  // Where the successor of `path` is to be made: it bears the same name.
  const std::string& file() const { return file_; }

  // With all that is in it. A repeat does nothing.
  void Remove();

 private:
  std::string folder_;
  std::string file_;
  FileDescriptor lock_;
};

// `path`, or where it leads to if it is a symbolic link: that file is replaced, not the link.
std::string ResolveLink(const std::string& path);

// Throws kind usage for a folder, and for anything that exists unless `replace`.
void RequireFree(const std::string& path, bool replace);

// Makes `made` durable and gives it the name `path`, on the same file system. With `replace`, what was there is there
// until the step and gone after it, and its owner and mode pass on. Without, nothing is overwritten: throws kind usage.
void PutInPlace(const std::string& made, const std::string& path, bool replace);

}  // namespace cofre::io
