#pragma once

// A stream into a file that appears whole or not at all.

#include <string>

#include "base/file.h"
#include "base/stream.h"

namespace cofre::io {

// Writes to a temporary file beside `path`; Finish makes it durable and gives it its name in one step. Destroyed
// before, it removes what it wrote. A process that is killed leaves at most a file named ".<name>.XXXXXX.part".
class FileSink : public ByteSink {
 public:
  // Throws kind usage where `path` exists and `replace` is false, not_found where its folder is missing. The file gets
  // `mode` less the umask. Without `replace`, a file that appears meanwhile is never overwritten: Finish throws usage.
  FileSink(std::string path, bool replace, unsigned mode = 0660);
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  void Write(ByteView data) override;
  void Finish() override;

 private:
  std::string path_;
  std::string temporary_;
  bool replace_;
  FileDescriptor file_;
};

}  // namespace cofre::io
