#include "io/beside.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace cofre::io {
namespace {

constexpr int kTries = 10;

// What is in a folder is removed by whoever may write to the folder, and its owner may say that he may.
void LetRemove(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, ignored);
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) LetRemove(entry.path());
  }
}

void RemoveFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (!error) return;
  LetRemove(folder);
  std::filesystem::remove_all(folder, error);
}

// The folder's lock says that a process still works in it; the kernel lets go of it when the process dies.
FileDescriptor LockFolder(const std::string& folder) {
  FileDescriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (descriptor.valid() && flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) descriptor.Close();
  return descriptor;
}

void RemoveLeftovers(const std::filesystem::path& parent, const std::string& prefix) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const FileDescriptor lock = LockFolder(entry.path().string());
    if (lock.valid()) RemoveFolder(entry.path().string());
  }
}

bool SameFolder(const FileDescriptor& descriptor, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return fstat(descriptor.get(), &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

Error AlreadyThere(const std::string& path) {
  return {ErrorKind::kUsage, path + " exists already", "name another file, or pass --replace to replace it"};
}

// Neither is worth failing for: a new file is as good for whoever made it.
void PassOnOwner(const FileDescriptor& made, const std::string& path) {
  struct stat old {};
  if (stat(path.c_str(), &old) != 0) return;
  [[maybe_unused]] const int owner = fchown(made.get(), old.st_uid, old.st_gid);
  [[maybe_unused]] const int mode = fchmod(made.get(), old.st_mode & 07777);
}

// rename(2) that overwrites nothing. Some file systems know no RENAME_NOREPLACE, others no hard links.
int RenameWithoutReplacing(const std::string& made, const std::string& path) {
  if (renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL) return errno;
  if (link(made.c_str(), path.c_str()) != 0) return errno;
  unlink(made.c_str());
  return 0;
}

}  // namespace

BesideFolder::BesideFolder(const std::string& path) {
  const std::filesystem::path target(path);
  const std::string prefix = "." + target.filename().string() + ".restore-";
  RemoveLeftovers(target.has_parent_path() ? target.parent_path() : ".", prefix);
  // Somebody who removes leftovers may take a new folder for one before its lock is held: then make another.
  for (int i = 0; i < kTries; ++i) {
    folder_ = (target.parent_path() / (prefix + "XXXXXX")).string();
    if (mkdtemp(folder_.data()) == nullptr) throw SystemError(errno, "cannot make a folder beside " + path);
    lock_ = LockFolder(folder_);
    if (lock_.valid() && SameFolder(lock_, folder_)) {
      file_ = (std::filesystem::path(folder_) / target.filename()).string();
      return;
    }
  }
  throw Error(ErrorKind::kTransient, "cannot keep a folder beside " + path);
}

void BesideFolder::Remove() {
  if (!folder_.empty()) RemoveFolder(folder_);
  folder_.clear();
}

std::string ResolveLink(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) return path;
  std::string target = std::filesystem::canonical(path, error).string();
  if (error) throw Error(ErrorKind::kUsage, path + " is a link that leads nowhere", "remove it, or name another file");
  return target;
}

void RequireFree(const std::string& path, bool replace) {
  struct stat status {};
  if (path.empty()) throw Error(ErrorKind::kUsage, "an empty file name");
  if (lstat(path.c_str(), &status) != 0) return;
  if (S_ISDIR(status.st_mode)) throw Error(ErrorKind::kUsage, path + " is a folder", "name a file inside it");
  if (!replace) throw AlreadyThere(path);
}

void PutInPlace(const std::string& made, const std::string& path, bool replace) {
  const FileDescriptor file(open(made.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw SystemError(errno, "cannot open " + made);
  if (replace) PassOnOwner(file, path);
  if (fsync(file.get()) != 0) throw SystemError(errno, "cannot write " + made + " to disk");
  const int error = !replace ? RenameWithoutReplacing(made, path) : rename(made.c_str(), path.c_str()) == 0 ? 0 : errno;
  if (error == EEXIST) throw AlreadyThere(path);
  if (error != 0) throw SystemError(error, "cannot give " + made + " the name " + path);
  SyncFolder(std::filesystem::path(path).parent_path().string());
}

}  // namespace cofre::io
