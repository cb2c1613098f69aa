#include "storage/temporary_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "base/error.h"
#include "storage/local_folder.h"

namespace cofre::storage {
namespace {

constexpr int kMaxNames = 10000;  // tried; each taken one belongs to a writer, or to a crash since the store was opened

// Of this process; other processes have other ids, and what they leave behind is stepped over.
std::atomic<uint64_t> next_number{0};

}  // namespace

TemporaryFile::TemporaryFile(int folder) : folder_(folder) {
  for (int i = 0; i < kMaxNames; ++i) {
    if (Create()) return;
  }
  throw Error(ErrorKind::kPermanent, "cannot find a free name for a temporary file", "empty the store's folder .tmp");
}

// False where somebody else was faster, with the name or with its removal.
bool TemporaryFile::Create() {
  name_ = fmt::format("{}-{}", getpid(), next_number++);
  file_ = FileDescriptor(openat(folder_, name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file_.valid()) {
    if (errno == EEXIST) return false;
    throw SystemError(errno, "cannot create a temporary file");
  }
  // Between the two calls somebody who removes stale files may have had the lock. Where the file system has no locks at
  // all, nobody removes anything.
  struct stat status {};
  return (flock(file_.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && fstat(file_.get(), &status) == 0 &&
         status.st_nlink > 0;
}

TemporaryFile::~TemporaryFile() {
  if (!moved_) unlinkat(folder_, name_.c_str(), 0);
}

int TemporaryFile::MoveTo(int folder, const std::string& name) {
  if (renameat(folder_, name_.c_str(), folder, name.c_str()) != 0) return errno;
  moved_ = true;
  return 0;
}

void RemoveStaleTemporaryFiles(int folder) {
  for (const FolderEntry& entry : ReadFolder(folder)) {
    if (entry.is_folder) continue;
    const FileDescriptor file(openat(folder, entry.name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (file.valid() && flock(file.get(), LOCK_EX | LOCK_NB) == 0) unlinkat(folder, entry.name.c_str(), 0);
  }
}

}  // namespace cofre::storage
