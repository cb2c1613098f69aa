#include "storage/local_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "storage/local_folder.h"
#include "storage/store_errors.h"
#include "storage/temporary_file.h"

namespace cofre::storage {
namespace {

constexpr std::string_view kTemporary = ".tmp";
constexpr size_t kWriteStep = size_t{4} * 1024 * 1024;  // between two looks at the stop token

bool IsReserved(std::string_view key) { return key == kTemporary || key.starts_with(std::string(kTemporary) + '/'); }

void RequireUsableKey(const std::string& key) {
  RequireValidKey(key);
  if (IsReserved(key)) throw Error(ErrorKind::kUsage, "object key " + key + " is in a local store's own folder .tmp");
}

// Makes the folder and those above it, each durable in its parent.
void MakeRoot(const std::string& root) {
  if (mkdir(root.c_str(), 0700) == 0 || errno == EEXIST) {
    SyncFolder(std::filesystem::path(root).parent_path().string());
    return;
  }
  const std::string parent = std::filesystem::path(root).parent_path().string();
  if (errno != ENOENT || parent == root) throw SystemError(errno, "cannot make the folder " + root);
  MakeRoot(parent);
  MakeRoot(root);
}

void ReadExactly(int file, MutableBytes out, uint64_t offset, const std::string& name, const std::stop_token& stop) {
  while (!out.empty()) {
    ThrowIfStopped(stop);
    const ssize_t got = pread(file, out.data(), std::min(out.size(), kWriteStep), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SystemError(errno, "cannot read " + name);
    if (got == 0) throw Error(ErrorKind::kCorrupt, name + " became shorter while it was read");
    out = out.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
}

}  // namespace

struct LocalStore::OpenFile {
  FileDescriptor file;
  uint64_t size = 0;
};

LocalStore::LocalStore(const std::string& root, bool create) {
  root_ = std::filesystem::path(root).lexically_normal().string();
  if (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
  if (create) MakeRoot(root_);
  root_folder_ = FileDescriptor(open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_folder_.valid()) {
    const Error error = SystemError(errno, "cannot open the folder " + root_);
    if (error.kind() != ErrorKind::kNotFound) throw error;
    throw Error(error.kind(), error.what(), "make the folder, or mount the disk that it is on");
  }
  const FileDescriptor temporary = OpenFolder(root_folder_.get(), kTemporary);
  if (temporary.valid()) RemoveStaleTemporaryFiles(temporary.get());
}

FileDescriptor LocalStore::MakeFolder(const std::string& path) {
  FileDescriptor folder = OpenFolder(root_folder_.get(), "");
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    const std::string so_far = path.substr(0, end);
    begin = end + 1;

    FileDescriptor below = OpenFolder(folder.get(), name);
    const bool missing = !below.valid();
    if (missing) {
      if (mkdirat(folder.get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
        throw SystemError(errno, Describe() + ": cannot make the folder " + so_far);
      }
      below = OpenFolder(folder.get(), name);
      if (!below.valid()) {
        throw Error(ErrorKind::kPermanent, Describe() + ": " + so_far + " is in the way: it is not a folder");
      }
    }
    // A folder that was there may have been made a moment ago by somebody who has not made it durable yet.
    const std::lock_guard lock(mutex_);
    if (missing || !durable_folders_.contains(so_far)) {
      if (fsync(folder.get()) != 0) throw SystemError(errno, Describe() + ": cannot write a folder to disk");
      durable_folders_.insert(so_far);
    }
    folder = std::move(below);
  }
  return folder;
}

void LocalStore::Put(const std::string& key, ByteView body, const std::optional<Digest>& /*sha256*/,
                     std::stop_token stop) {
  RequireUsableKey(key);
  ThrowIfStopped(stop);
  const std::string name = Describe() + "/" + key;
  const FileDescriptor temporary = MakeFolder(std::string(kTemporary));
  TemporaryFile file(temporary.get());
  for (ByteView rest = body; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kWriteStep))) {
    ThrowIfStopped(stop);
    WriteAll(file.descriptor(), rest.first(std::min(rest.size(), kWriteStep)), name);
  }
  if (fdatasync(file.descriptor()) != 0) throw SystemError(errno, "cannot write " + name);

  const KeyPath path = SplitKey(key);
  const FileDescriptor folder = MakeFolder(path.folder);
  if (const int failure = file.MoveTo(folder.get(), path.name); failure != 0) {
    // Somebody removed the folder in this moment: another try makes it again.
    if (failure == ENOENT) throw Error(ErrorKind::kTransient, "cannot rename to " + name + ": its folder has gone");
    throw SystemError(failure, "cannot rename to " + name);
  }
  if (fsync(folder.get()) != 0) throw SystemError(errno, "cannot write the folder of " + name + " to disk");
}

LocalStore::OpenFile LocalStore::OpenObject(const std::string& key) const {
  RequireUsableKey(key);
  const KeyPath path = SplitKey(key);
  const FileDescriptor folder = OpenFolder(root_folder_.get(), path.folder);
  if (!folder.valid()) throw NoSuchObject(Describe(), key);
  // Without O_NONBLOCK a named pipe would wait for its other end.
  OpenFile open{
      .file = FileDescriptor(openat(folder.get(), path.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))};
  struct stat status {};
  if (!open.file.valid() || fstat(open.file.get(), &status) != 0) {
    if (MeansNotThere(errno)) throw NoSuchObject(Describe(), key);
    throw SystemError(errno, "cannot open " + Describe() + "/" + key);
  }
  if (!S_ISREG(status.st_mode)) throw NoSuchObject(Describe(), key);
  open.size = static_cast<uint64_t>(status.st_size);
  return open;
}

Bytes LocalStore::Get(const std::string& key, uint64_t limit, std::stop_token stop) {
  ThrowIfStopped(stop);
  const OpenFile open = OpenObject(key);
  if (open.size > limit) throw ObjectTooLarge(Describe(), key, limit);
  Bytes content(open.size);
  ReadExactly(open.file.get(), content, 0, Describe() + "/" + key, stop);
  return content;
}

Bytes LocalStore::GetRange(const std::string& key, uint64_t offset, uint64_t length, std::stop_token stop) {
  ThrowIfStopped(stop);
  const OpenFile open = OpenObject(key);
  if (offset > open.size || length > open.size - offset) throw ObjectTooShort(Describe(), key, offset, length);
  Bytes content(length);
  ReadExactly(open.file.get(), content, offset, Describe() + "/" + key, stop);
  return content;
}

std::optional<ObjectInfo> LocalStore::Stat(const std::string& key, std::stop_token stop) {
  RequireUsableKey(key);
  ThrowIfStopped(stop);
  const KeyPath path = SplitKey(key);
  const FileDescriptor folder = OpenFolder(root_folder_.get(), path.folder);
  if (!folder.valid()) return std::nullopt;
  struct stat status {};
  if (fstatat(folder.get(), path.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (MeansNotThere(errno)) return std::nullopt;
    throw SystemError(errno, "cannot look at " + Describe() + "/" + key);
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return ObjectInfo{.key = key, .size = static_cast<uint64_t>(status.st_size)};
}

void LocalStore::List(const std::string& prefix, const std::function<void(const ObjectInfo&)>& visit,
                      std::stop_token stop) {
  RequireValidPrefix(prefix);
  ThrowIfStopped(stop);
  if (IsReserved(prefix)) return;
  if (prefix.empty()) {
    // One level by hand, to leave out what is not ours to list.
    for (const FolderEntry& entry : ReadRoot()) {
      if (entry.is_folder) {
        List(entry.name + '/', visit, stop);
      } else if (const auto object = Stat(entry.name, stop)) {
        visit(*object);
      }
    }
    return;
  }
  const FileDescriptor folder = OpenFolder(root_folder_.get(), prefix.substr(0, prefix.size() - 1));
  if (!folder.valid()) return;
  VisitFiles(folder.get(), prefix, [&](const ObjectInfo& object) {
    ThrowIfStopped(stop);
    visit(object);
    return true;
  });
}

std::vector<FolderEntry> LocalStore::ReadRoot() const {
  std::vector<FolderEntry> entries = ReadFolder(root_folder_.get());
  // Where the root is a mounted file system of its own, mkfs made "lost+found", which only root may read.
  std::erase_if(entries, [](const FolderEntry& entry) { return IsReserved(entry.name) || entry.name == "lost+found"; });
  return entries;
}

std::vector<std::string> LocalStore::ListFolders(const std::string& prefix, std::stop_token stop) {
  RequireValidPrefix(prefix);
  ThrowIfStopped(stop);
  std::vector<std::string> names;
  const FileDescriptor folder =
      OpenFolder(root_folder_.get(), prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1));
  if (!folder.valid() || IsReserved(prefix)) return names;
  for (const FolderEntry& entry : prefix.empty() ? ReadRoot() : ReadFolder(folder.get())) {
    if (!entry.is_folder) continue;
    ThrowIfStopped(stop);
    const FileDescriptor below = OpenFolder(folder.get(), entry.name);
    const bool has_objects =
        below.valid() && !VisitFiles(below.get(), prefix + entry.name + '/', [](const ObjectInfo&) { return false; });
    if (has_objects) names.push_back(entry.name);
  }
  // By name alone: as folders they were in the order of the keys below them.
  std::ranges::sort(names);
  return names;
}

bool LocalStore::Unlink(const std::string& key) {
  RequireUsableKey(key);
  const KeyPath path = SplitKey(key);
  const FileDescriptor folder = OpenFolder(root_folder_.get(), path.folder);
  if (!folder.valid()) return false;
  struct stat status {};
  if (fstatat(folder.get(), path.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode)) {
    return false;  // a folder, a link: no object
  }
  if (unlinkat(folder.get(), path.name.c_str(), 0) == 0) return true;
  if (!MeansNotThere(errno)) throw SystemError(errno, "cannot delete " + Describe() + "/" + key);
  return false;
}

void LocalStore::SyncFolderOf(const std::string& path) {
  const FileDescriptor folder = OpenFolder(root_folder_.get(), path);
  if (folder.valid() && fsync(folder.get()) != 0)
    throw SystemError(errno, Describe() + ": cannot write a folder to disk");
}

void LocalStore::Delete(const std::string& key, std::stop_token stop) {
  ThrowIfStopped(stop);
  if (Unlink(key)) SyncFolderOf(SplitKey(key).folder);
}

std::vector<DeleteFailure> LocalStore::DeleteMany(std::span<const std::string> keys, std::stop_token stop) {
  std::vector<DeleteFailure> failures;
  std::set<std::string> changed_folders;
  for (const std::string& key : keys) {
    ThrowIfStopped(stop);
    try {
      if (Unlink(key)) changed_folders.insert(SplitKey(key).folder);
    } catch (const Error& error) {
      failures.push_back({.key = key, .message = error.what()});
    }
  }
  for (const std::string& folder : changed_folders) SyncFolderOf(folder);
  return failures;
}

}  // namespace cofre::storage
