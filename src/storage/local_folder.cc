#include "storage/local_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/error.h"

namespace cofre::storage {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool IsValidKey(const std::string& key) {
  try {
    RequireValidKey(key);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// nullopt for what is neither a file nor a folder, and for what vanished.
std::optional<FolderEntry> Classify(int folder, const dirent& entry) {
  FolderEntry found{.name = entry.d_name, .is_folder = entry.d_type == DT_DIR};
  if (entry.d_type == DT_UNKNOWN) {  // some file systems do not say
    struct stat status {};
    if (fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
    found.is_folder = S_ISDIR(status.st_mode);
    if (!found.is_folder && !S_ISREG(status.st_mode)) return std::nullopt;
  } else if (entry.d_type != DT_DIR && entry.d_type != DT_REG) {
    return std::nullopt;
  }
  return found;
}

// A folder sorts as its name with '/', since that is how the keys below it go on: "a.txt" comes before "a/b".
bool SortsBefore(const FolderEntry& left, const FolderEntry& right) {
  const size_t common = std::min(left.name.size(), right.name.size());
  if (const int order = left.name.compare(0, common, right.name, 0, common); order != 0) return order < 0;
  const auto next = [common](const FolderEntry& entry) {
    return common < entry.name.size() ? entry.name[common] : entry.is_folder ? '/' : '\0';
  };
  return next(left) < next(right);
}

}  // namespace

KeyPath SplitKey(const std::string& key) {
  const size_t slash = key.rfind('/');
  if (slash == std::string::npos) return {.folder = "", .name = key};
  return {.folder = key.substr(0, slash), .name = key.substr(slash + 1)};
}

bool MeansNotThere(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP || error_number == ENAMETOOLONG;
}

FileDescriptor OpenFolder(int root, std::string_view path) {
  FileDescriptor folder(openat(root, ".", kFolderFlags));
  while (folder.valid() && !path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    folder = FileDescriptor(openat(folder.get(), std::string(path.substr(0, end)).c_str(), kFolderFlags));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  if (!folder.valid() && !MeansNotThere(errno)) throw SystemError(errno, "cannot open a folder of the store");
  return folder;
}

std::vector<FolderEntry> ReadFolder(int folder) {
  FileDescriptor reopened(openat(folder, ".", kFolderFlags));  // closedir closes what fdopendir was given
  if (!reopened.valid()) throw SystemError(errno, "cannot open a folder of the store");
  const auto close = [](DIR* stream) { closedir(stream); };
  const std::unique_ptr<DIR, decltype(close)> stream(fdopendir(reopened.get()), close);
  if (!stream) throw SystemError(errno, "cannot read a folder of the store");
  reopened.Release();

  std::vector<FolderEntry> entries;
  for (;;) {
    errno = 0;
    // Thread-safe in glibc for streams of one's own; readdir_r is deprecated.
    const dirent* entry = readdir(stream.get());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr) break;
    if (!IsValidKey(entry->d_name)) continue;  // also "." and ".."
    if (auto found = Classify(folder, *entry)) entries.push_back(*std::move(found));
  }
  if (errno != 0) throw SystemError(errno, "cannot read a folder of the store");
  std::ranges::sort(entries, SortsBefore);
  return entries;
}

bool VisitFiles(int folder, const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit) {
  for (const FolderEntry& entry : ReadFolder(folder)) {
    std::string key = prefix + entry.name;
    if (!IsValidKey(key)) continue;  // too long, hence also a bound for the depth
    if (entry.is_folder) {
      const FileDescriptor below(openat(folder, entry.name.c_str(), kFolderFlags));
      if (!below.valid() && !MeansNotThere(errno)) throw SystemError(errno, "cannot open the folder " + key);
      if (below.valid() && !VisitFiles(below.get(), key + '/', visit)) return false;
      continue;
    }
    struct stat status {};
    if (fstatat(folder, entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (!MeansNotThere(errno)) throw SystemError(errno, "cannot look at " + key);
      continue;
    }
    if (!visit({.key = std::move(key), .size = static_cast<uint64_t>(status.st_size)})) return false;
  }
  return true;
}

}  // namespace cofre::storage
