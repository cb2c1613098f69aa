#include "io/file_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/error.h"

namespace cofre::io {
namespace {

Error AlreadyThere(const std::string& path) {
  return {ErrorKind::kUsage, path + " exists already", "name another file, or pass --replace to replace it"};
}

}  // namespace

FileSink::FileSink(std::string path, bool replace, unsigned mode) : path_(std::move(path)), replace_(replace) {
  struct stat status {};
  if (lstat(path_.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) throw Error(ErrorKind::kUsage, path_ + " is a folder", "name a file inside it");
    if (!replace_) throw AlreadyThere(path_);
  }
  const std::filesystem::path name(path_);
  temporary_ = (name.parent_path() / ("." + name.filename().string() + ".XXXXXX.part")).string();
  file_ = FileDescriptor(mkostemps(temporary_.data(), 5, O_CLOEXEC));
  if (!file_.valid()) {
    const int error = errno;
    temporary_.clear();
    throw SystemError(error, "cannot create a file beside " + path_);
  }
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(file_.get(), mode & ~mask) != 0) throw SystemError(errno, "cannot set the mode of " + temporary_);
}

FileSink::~FileSink() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void FileSink::Write(ByteView data) { WriteAll(file_.get(), data, temporary_); }

void FileSink::Finish() {
  if (fsync(file_.get()) != 0) throw SystemError(errno, "cannot write " + temporary_ + " to disk");
  file_.Close();
  // link(2) does not overwrite, unlike rename(2).
  if (replace_ ? rename(temporary_.c_str(), path_.c_str()) : link(temporary_.c_str(), path_.c_str())) {
    if (!replace_ && errno == EEXIST) throw AlreadyThere(path_);
    throw SystemError(errno, "cannot give " + temporary_ + " its name " + path_);
  }
  if (!replace_) unlink(temporary_.c_str());
  temporary_.clear();
  SyncFolder(std::filesystem::path(path_).parent_path().string());
}

}  // namespace cofre::io
