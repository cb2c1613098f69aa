#include "sources/folder_restore.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "io/beside.h"

namespace cofre::sources {
namespace {

namespace fs = std::filesystem;

// A folder's name may be given with a slash behind it.
std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path.empty()) throw Error(ErrorKind::kUsage, "an empty folder name");
  return path;
}

void RequireFree(const std::string& path, bool replace) {
  struct stat about {};
  if (lstat(path.c_str(), &about) != 0) {
    if (errno == ENOENT) return;
    throw SystemError(errno, "cannot look at " + path);
  }
  if (!S_ISDIR(about.st_mode)) {
    throw Error(ErrorKind::kUsage, path + " is there and is no folder", "name another folder");
  }
  std::error_code error;
  const bool empty = fs::is_empty(path, error);
  if (error) throw SystemError(error.value(), "cannot look into " + path);
  if (empty || replace) return;
  throw Error(ErrorKind::kUsage, path + " exists already and is not empty",
              "name another folder, or pass --replace to replace it");
}

timespec TimeOf(TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = static_cast<time_t>(seconds.time_since_epoch().count()),
          .tv_nsec = static_cast<long>((time - seconds).count())};
}

class FolderRestore : public FolderSink {
 public:
  FolderRestore(const std::string& target, bool replace)
      : target_(WithoutSlash(target)), replace_(replace), beside_(Checked()), owns_(geteuid() == 0) {}

  void EnterFolder(const FolderEntry& entry) override {
    const std::string& name = levels_.empty() ? beside_.file() : entry.name;
    const int parent = levels_.empty() ? AT_FDCWD : levels_.back().folder.get();
    if (mkdirat(parent, name.c_str(), 0700) != 0) throw CannotMake(name);
    FileDescriptor folder(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.valid()) throw CannotMake(name);
    levels_.push_back({std::move(folder), entry});
  }

  // Times and mode last: what is made in a folder changes the one, and may need more than the other.
  void LeaveFolder() override {
    if (levels_.size() == 1) {
      // Its own come with its name: a folder that may not be written to cannot be moved.
      root_ = std::move(levels_.back());
    } else {
      Dress(levels_.back().folder, levels_.back().entry);
    }
    levels_.pop_back();
  }

  void BeginFile(const FolderEntry& entry) override {
    file_ = FileDescriptor(openat(levels_.back().folder.get(), entry.name.c_str(),
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file_.valid()) throw CannotMake(entry.name);
    file_entry_ = entry;
  }

  void Write(ByteView data) override { WriteAll(file_.get(), data, Readable(file_entry_.name)); }

  void EndFile() override {
    Dress(file_, file_entry_);
    file_.Close();
  }

  void AddLink(const FolderEntry& entry) override {
    const int folder = levels_.back().folder.get();
    if (symlinkat(entry.target.c_str(), folder, entry.name.c_str()) != 0) throw CannotMake(entry.name);
    if (owns_ && fchownat(folder, entry.name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0) {
      throw CannotMake(entry.name);
    }
    const timespec times[2] = {TimeOf(entry.modified), TimeOf(entry.modified)};
    if (utimensat(folder, entry.name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) throw CannotMake(entry.name);
  }

  void Finish() override {
    if (syncfs(root_.folder.get()) != 0) throw SystemError(errno, "cannot write " + target_ + " to disk");
    const std::string& made = beside_.file();
    struct stat about {};
    if (replace_ && lstat(target_.c_str(), &about) == 0) {
      RequireFree(target_, true);
      // What was there goes with the folder beside.
      if (renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0) throw CannotPlace();
    } else if (rename(made.c_str(), target_.c_str()) != 0) {
      // Of two folders rename(2) replaces the one without entries only.
      if (errno == ENOTEMPTY || errno == EEXIST) RequireFree(target_, false);
      throw CannotPlace();
    }
    Dress(root_.folder, root_.entry);
    if (fsync(root_.folder.get()) != 0) throw SystemError(errno, "cannot write " + target_ + " to disk");
    SyncFolder(fs::path(target_).parent_path().string());
    beside_.Remove();
  }

 private:
  struct Level {
    FileDescriptor folder;
    FolderEntry entry;
  };

  const std::string& Checked() const {
    RequireFree(target_, replace_);
    return target_;
  }

  static std::string Readable(const std::string& name) { return ToValidUtf8(name, 1000); }

  Error CannotMake(const std::string& name) const {
    return SystemError(errno, "cannot make " + Readable(name) + " for " + target_);
  }

  Error CannotPlace() const {
    if (errno == EBUSY) {
      return {ErrorKind::kUsage, target_ + " is where a file system is mounted: it cannot be replaced as a whole",
              "name a folder below it"};
    }
    return SystemError(errno, "cannot give the folder that was restored the name " + target_);
  }

  // Owner, then mode (a change of owner takes bits away), then times.
  void Dress(const FileDescriptor& made, const FolderEntry& entry) const {
    if (owns_ && fchown(made.get(), entry.uid, entry.gid) != 0) throw CannotMake(entry.name);
    const uint32_t mode = owns_ ? entry.mode : entry.mode & 01777;
    if (fchmod(made.get(), mode) != 0) throw CannotMake(entry.name);
    const timespec times[2] = {TimeOf(entry.modified), TimeOf(entry.modified)};
    if (futimens(made.get(), times) != 0) throw CannotMake(entry.name);
  }

  const std::string target_;
  const bool replace_;
  io::BesideFolder beside_;
  const bool owns_;
  std::vector<Level> levels_;
  Level root_;
  FileDescriptor file_;
  FolderEntry file_entry_;
};

}  // namespace

std::unique_ptr<FolderSink> StartFolderRestore(const std::string& target, bool replace) {
  return std::make_unique<FolderRestore>(target, replace);
}

}  // namespace cofre::sources
