#include "repository/copies/local_copies.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace cofre::repository {
namespace {

bool ReadWhole(int file, MutableBytes content) {
  while (!content.empty()) {
    const ssize_t length = read(file, content.data(), content.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return false;
    content = content.subspan(static_cast<size_t>(length));
  }
  return true;
}

}  // namespace

std::string LocalCopies::PathOf(std::string_view name) const { return folder_ + '/' + std::string(name); }

std::optional<Bytes> LocalCopies::Read(std::string_view name, uint64_t limit) const {
  if (folder_.empty()) return std::nullopt;
  const FileDescriptor file(open(PathOf(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (static_cast<uint64_t>(status.st_size) > limit) return std::nullopt;
  Bytes content(static_cast<size_t>(status.st_size));
  if (!ReadWhole(file.get(), content)) return std::nullopt;
  return content;
}

void LocalCopies::Write(std::string_view name, ByteView content) const {
  if (folder_.empty()) return;
  const std::string path = PathOf(name);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  FileDescriptor file(open(path.c_str(), kFlags, 0600));
  std::error_code made;
  if (!file.valid() && errno == ENOENT) {
    std::filesystem::create_directories(folder_, made);
    file = FileDescriptor(open(path.c_str(), kFlags, 0600));
  }
  try {
    if (!file.valid()) throw SystemError(errno, "cannot write " + path);
    WriteAll(file.get(), content, path);
  } catch (const Error& error) {
    Log(LogLevel::kDebug, "copy_not_kept", {{"error", error.what()}});
    Remove(name);
  }
}

void LocalCopies::Remove(std::string_view name) const {
  if (!folder_.empty()) unlink(PathOf(name).c_str());
}

void LocalCopies::Retain(const std::function<bool(std::string_view name)>& wanted) const {
  if (folder_.empty()) return;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!wanted(name)) unlink(entry->path().c_str());
  }
}

void LocalCopies::Clear() const {
  Retain([](std::string_view) { return false; });
}

}  // namespace cofre::repository
