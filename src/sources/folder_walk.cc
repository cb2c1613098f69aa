#include "sources/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "base/utf8.h"

namespace cofre::sources {
namespace {

constexpr int kTries = 4;                   // of a file that changes while it is read
constexpr size_t kLongestTarget = 1 << 16;  // of a link; Linux has 4095
constexpr size_t kExamples = 3;

std::string Readable(const std::string& path) { return ToValidUtf8(path, 1000); }

Error CannotRead(int error, const std::string& path) { return SystemError(error, "cannot read " + Readable(path)); }

TimePoint TimeOf(const timespec& time) {
  // 64 bits of nanoseconds end in 2262.
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1'000'000'000 - 1;
  const int64_t seconds = std::clamp<int64_t>(time.tv_sec, -kMost, kMost);
  return TimePoint(std::chrono::seconds(seconds) + std::chrono::nanoseconds(time.tv_nsec));
}

std::vector<std::string> NamesIn(const FileDescriptor& folder, const std::string& path) {
  // A descriptor of its own: the directory's position is that of the descriptor.
  FileDescriptor own(openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own.valid()) throw CannotRead(errno, path);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fdopendir(own.get()), closedir);
  if (entries == nullptr) throw CannotRead(errno, path);
  own.Release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) throw CannotRead(errno, path);
  std::ranges::sort(names);
  return names;
}

FileDescriptor OpenRoot(const std::string& path) {
  FileDescriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.valid()) return folder;
  if (errno == ELOOP || errno == ENOTDIR) {
    throw Error(ErrorKind::kUsage, Readable(path) + " is not a folder",
                "name the folder itself, not a file or a link that leads to it");
  }
  throw CannotRead(errno, path);
}

// "" where the machine knows none. Names are asked for once each: they may come over a network.
template <typename Record>
std::string NameOf(uint32_t id, std::map<uint32_t, std::string>& known,
                   int (*look_up)(uint32_t, Record*, char*, size_t, Record**), char* Record::*name) {
  const auto found = known.find(id);
  if (found != known.end()) return found->second;
  Record record{};
  Record* result = nullptr;
  std::vector<char> buffer(size_t{64} << 10);
  std::string text;
  if (look_up(id, &record, buffer.data(), buffer.size(), &result) == 0 && result != nullptr) text = record.*name;
  return known.emplace(id, text).first->second;
}

bool IsSame(const FolderEntry& entry, const struct stat& about) {
  return entry.size == static_cast<uint64_t>(about.st_size) && entry.modified == TimeOf(about.st_mtim) &&
         entry.changed == TimeOf(about.st_ctim);
}

}  // namespace

FolderWalk::FolderWalk(const std::string& path, Limits limits, Clock& clock, std::stop_token stop)
    : root_(path), limits_(limits), clock_(clock), stop_(std::move(stop)), started_(clock.Monotonic()) {
  levels_.reserve(16);
}

FolderStep FolderWalk::Next() {
  file_.Close();
  if (!begun_) {
    begun_ = true;
    FileDescriptor folder = OpenRoot(root_);
    struct stat about {};
    if (fstat(folder.get(), &about) != 0) throw CannotRead(errno, root_);
    return Enter(std::move(folder), root_, Describe("", EntryType::kFolder, about));
  }
  while (!levels_.empty()) {
    RequireGoingOn();
    Level& level = levels_.back();
    if (level.next == level.names.size()) {
      levels_.pop_back();
      return {FolderStep::Kind::kLeave, {}};
    }
    const std::string name = std::move(level.names[level.next++]);
    if (auto step = Take(name)) return std::move(*step);
  }
  return {};
}

FolderStep FolderWalk::Enter(FileDescriptor folder, std::string path, FolderEntry entry) {
  if (levels_.size() >= kDeepestFolder) {
    throw Error(ErrorKind::kPermanent, fmt::format("{} nests deeper than {} folders", Readable(path), kDeepestFolder),
                "is it a folder that somebody copied into itself?");
  }
  std::vector<std::string> names = NamesIn(folder, path);
  levels_.push_back({std::move(folder), std::move(path), std::move(names)});
  return {FolderStep::Kind::kEntry, std::move(entry)};
}

std::optional<FolderStep> FolderWalk::Take(const std::string& name) {
  struct stat about {};
  if (fstatat(levels_.back().folder.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    throw CannotRead(errno, PathOf(name));
  }
  if (S_ISDIR(about.st_mode)) return TakeFolder(name);
  if (S_ISLNK(about.st_mode)) return TakeLink(name, about);
  if (S_ISREG(about.st_mode)) return FolderStep{FolderStep::Kind::kEntry, Describe(name, EntryType::kFile, about)};
  ++left_out_.count;
  if (left_out_.examples.size() < kExamples) left_out_.examples.push_back(Readable(PathOf(name)));
  return std::nullopt;
}

std::optional<FolderStep> FolderWalk::TakeFolder(const std::string& name) {
  const std::string path = PathOf(name);
  FileDescriptor folder(
      openat(levels_.back().folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.valid()) {
    if (errno == ENOENT) return std::nullopt;
    if (errno != ELOOP && errno != ENOTDIR) throw CannotRead(errno, path);
    throw Error(ErrorKind::kTransient, Readable(path) + " was a folder and is none any more", "try again");
  }
  struct stat about {};
  if (fstat(folder.get(), &about) != 0) throw CannotRead(errno, path);
  return Enter(std::move(folder), path, Describe(name, EntryType::kFolder, about));
}

std::optional<FolderStep> FolderWalk::TakeLink(const std::string& name, const struct stat& about) {
  FolderEntry entry = Describe(name, EntryType::kLink, about);
  entry.target.resize(kLongestTarget);
  const ssize_t length =
      readlinkat(levels_.back().folder.get(), name.c_str(), entry.target.data(), entry.target.size());
  if (length < 0 && errno == ENOENT) return std::nullopt;
  if (length < 0) throw CannotRead(errno, PathOf(name));
  entry.target.resize(static_cast<size_t>(length));
  entry.target.shrink_to_fit();
  return FolderStep{FolderStep::Kind::kEntry, std::move(entry)};
}

FolderEntry FolderWalk::Describe(const std::string& name, EntryType type, const struct stat& about) {
  FolderEntry entry;
  entry.name = name;
  entry.type = type;
  entry.mode = about.st_mode & 07777;
  entry.modified = TimeOf(about.st_mtim);
  entry.changed = TimeOf(about.st_ctim);
  entry.uid = about.st_uid;
  entry.gid = about.st_gid;
  entry.user = NameOf(entry.uid, users_, getpwuid_r, &passwd::pw_name);
  entry.group = NameOf(entry.gid, groups_, getgrgid_r, &group::gr_name);
  entry.inode = about.st_ino;
  entry.device = about.st_dev;
  entry.links = about.st_nlink;
  if (type == EntryType::kFile) entry.size = static_cast<uint64_t>(about.st_size);
  return entry;
}

bool FolderWalk::Open(FolderEntry& entry) {
  const std::string name = entry.name;
  file_path_ = PathOf(name);
  file_bytes_ = 0;
  file_tries_ = 1;
  // Not blocking: where a pipe has taken its place, nobody may ever write to it.
  file_ = FileDescriptor(
      openat(levels_.back().folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file_.valid()) {
    if (errno == ENOENT) return false;
    if (errno != ELOOP && errno != ENXIO) throw CannotRead(errno, file_path_);
  }
  struct stat about {};
  if (file_.valid() && fstat(file_.get(), &about) != 0) throw CannotRead(errno, file_path_);
  if (!file_.valid() || !S_ISREG(about.st_mode)) {
    throw Error(ErrorKind::kTransient, Readable(file_path_) + " was a file and is none any more", "try again");
  }
  entry = Describe(name, EntryType::kFile, about);
  return true;
}

size_t FolderWalk::Read(MutableBytes buffer) {
  RequireGoingOn();
  while (true) {
    const ssize_t bytes = read(file_.get(), buffer.data(), buffer.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) throw CannotRead(errno, file_path_);
    file_bytes_ += static_cast<uint64_t>(bytes);
    return static_cast<size_t>(bytes);
  }
}

bool FolderWalk::Settled(FolderEntry& entry) {
  struct stat about {};
  if (fstat(file_.get(), &about) != 0) throw CannotRead(errno, file_path_);
  if (file_bytes_ == entry.size && IsSame(entry, about)) {
    file_.Close();
    return true;
  }
  if (file_tries_++ == kTries) {
    throw Error(ErrorKind::kTransient,
                fmt::format("{} changes while it is read, {} times in a row", Readable(file_path_), kTries),
                "back up while nothing writes to it, or move what is always written to out of the folder");
  }
  if (lseek(file_.get(), 0, SEEK_SET) != 0) throw CannotRead(errno, file_path_);
  file_bytes_ = 0;
  entry = Describe(entry.name, EntryType::kFile, about);
  return false;
}

std::string FolderWalk::PathOf(const std::string& name) const {
  const std::string& folder = levels_.back().path;
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

void FolderWalk::RequireGoingOn() const {
  ThrowIfStopped(stop_);
  if (clock_.Monotonic() - started_ < limits_.endless) return;
  throw Error(ErrorKind::kPermanent,
              fmt::format("the backup of {} took longer than {} s", Readable(root_), limits_.endless.count()),
              "raise the time limit if it needs that long");
}

}  // namespace cofre::sources
