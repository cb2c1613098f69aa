#pragma once

// A file being written by a local store, before it gets its name.
//
// Its writer holds a lock on it (flock) until it is renamed or gone, so anybody can tell a live writer's file from one
// that a crash left, also in another container on the same folder, where process ids mean nothing.

#include <string>

#include "base/file.h"

namespace cofre::storage {

class TemporaryFile {
 public:
  // Makes an empty file in the folder, mode 0600.
  explicit TemporaryFile(int folder);
  // Removes the file unless MoveTo has given it its name.
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int descriptor() const { return file_.get(); }

  // Replaces what is there, in one step. Returns errno's value, 0 for success.
  int MoveTo(int folder, const std::string& name);

 private:
  bool Create();

  int folder_;
  std::string name_;
  FileDescriptor file_;
  bool moved_ = false;
};

// Removes files of the folder that no living process is writing. Files that cannot be removed stay: they harm nobody.
void RemoveStaleTemporaryFiles(int folder);

}  // namespace cofre::storage
