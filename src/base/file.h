#pragma once

// File descriptors and whole small files. Paths are bytes; nothing here passes through a shell.

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace cofre {

// Owns a descriptor and closes it. Movable, not copyable.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { Close(); }

  bool valid() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  int Release();
  void Close();

 private:
  int descriptor_ = -1;
};

// Writes everything, however often write(2) gives up half way. `name` is for the error only.
void WriteAll(int descriptor, ByteView data, const std::string& name);

// The whole file; throws kind permanent where it is larger than `limit` bytes, not_found where it is missing.
std::string ReadFile(const std::string& path, uint64_t limit);

// Replaces `path` in one step (temporary file beside it, fsync, rename, fsync of the folder): after a crash either the
// old or the new content is there, whole.
void WriteFileAtomically(const std::string& path, ByteView data, unsigned mode);

// Makes a folder's entries durable after a rename or a create in it.
void SyncFolder(const std::string& path);

}  // namespace cofre
