#include "io/file_sink.h"

#include <fcntl.h>

#include <cerrno>

#include "base/error.h"

namespace cofre::io {
namespace {

const std::string& Checked(const std::string& path, bool replace) {
  RequireFree(path, replace);
  return path;
}

}  // namespace

FileSink::FileSink(const std::string& path, bool replace)
    : path_(ResolveLink(path)), replace_(replace), beside_(Checked(path_, replace_)) {
  file_ = FileDescriptor(open(beside_.file().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660));
  if (!file_.valid()) throw SystemError(errno, "cannot create " + beside_.file());
}

void FileSink::Write(ByteView data) { WriteAll(file_.get(), data, path_); }

void FileSink::Finish() {
  file_.Close();
  PutInPlace(beside_.file(), path_, replace_);
  beside_.Remove();
}

}  // namespace cofre::io
