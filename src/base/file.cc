#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/error.h"

namespace cofre {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    descriptor_ = other.Release();
  }
  return *this;
}

int FileDescriptor::Release() { return std::exchange(descriptor_, -1); }

void FileDescriptor::Close() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

void WriteAll(int descriptor, ByteView data, const std::string& name) {
  while (!data.empty()) {
    const ssize_t written = write(descriptor, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw SystemError(errno, "cannot write to " + name);
    data = data.subspan(static_cast<size_t>(written));
  }
}

std::string ReadFile(const std::string& path, uint64_t limit) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw SystemError(errno, "cannot open " + path);
  std::string content;
  char block[64 * 1024];
  for (;;) {
    const ssize_t got = read(file.get(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SystemError(errno, "cannot read " + path);
    if (got == 0) return content;
    if (content.size() + static_cast<size_t>(got) > limit) {
      throw Error(ErrorKind::kPermanent, path + " is larger than " + HumanBytes(limit));
    }
    content.append(block, static_cast<size_t>(got));
  }
}

void WriteFileAtomically(const std::string& path, ByteView data, unsigned mode) {
  std::string temporary = path + ".XXXXXX";
  const FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.valid()) throw SystemError(errno, "cannot create a file beside " + path);
  try {
    WriteAll(file.get(), data, temporary);
    if (fchmod(file.get(), mode) != 0 || fsync(file.get()) != 0) throw SystemError(errno, "cannot write " + temporary);
    if (rename(temporary.c_str(), path.c_str()) != 0) throw SystemError(errno, "cannot rename " + temporary);
  } catch (const Error&) {
    unlink(temporary.c_str());
    throw;
  }
  SyncFolder(std::filesystem::path(path).parent_path().string());
}

void SyncFolder(const std::string& path) {
  const FileDescriptor folder(open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) throw SystemError(errno, "cannot open the folder " + path);
  if (fsync(folder.get()) != 0) throw SystemError(errno, "cannot write the folder " + path + " to disk");
}

}  // namespace cofre
