#pragma once

// A stream into a file that appears whole or not at all.

#include <string>

#include "base/file.h"
#include "base/stream.h"
#include "io/beside.h"

namespace cofre::io {

// Writes beside `path`; Finish makes the file durable and gives it its name in one step. Destroyed before, it removes
// what it wrote. A process that is killed leaves nothing of that name (see io/beside.h).
class FileSink : public ByteSink {
 public:
  // Throws kind usage where `path` exists and `replace` is false, not_found where its folder is missing. The file's
  // mode is 0660 less the umask, or that of the file that it replaces. Without `replace`, a file that appears meanwhile
  // is never overwritten: Finish throws usage.
  FileSink(const std::string& path, bool replace);

  void Write(ByteView data) override;
  void Finish() override;

 private:
  std::string path_;
  bool replace_;
  BesideFolder beside_;
  FileDescriptor file_;
};

}  // namespace cofre::io
