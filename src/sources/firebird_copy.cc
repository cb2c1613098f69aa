#include "sources/firebird_copy.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/utf8.h"
#include "model/validate.h"
#include "sources/firebird_copy_lock.h"
#include "sources/firebird_errors.h"
#include "sources/firebird_pages.h"
#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

// What nbackup says of what it could not do, on one line; empty where it said nothing of the kind.
std::string NbackupErrors(std::string_view said) {
  static constexpr std::array<std::string_view, 4> kFrame = {"[", "]", "SQLCODE:", "time elapsed"};
  std::string errors;
  ForEachLine(said, [&](std::string_view line) {
    for (const std::string_view frame : kFrame) {
      if (line.starts_with(frame)) return;
    }
    TakePrefix(line, "-");
    AppendClause(errors, line);
  });
  return errors;
}

io::ProcessEnd RunFixup(const FirebirdConnection& connection, const std::string& path, std::stop_token stop) {
  const io::Command command = connection.CommandFor({connection.settings().tools.nbackup, "-F", path});
  const io::ProcessLimits limits{connection.settings().limits.stall, connection.settings().limits.restore};
  return io::RunProgram(command, "", limits, connection.clock(), std::move(stop));
}

class CopySource : public ByteSource {
 public:
  CopySource(const FirebirdConnection& connection, const std::string& address, std::stop_token stop)
      : address_(address), lock_(std::make_unique<CopyLock>(connection, address, stop)) {
    const FirebirdSettings& settings = connection.settings();
    const io::Command command = connection.CommandFor({settings.tools.nbackup, "-B", "0", address, "stdout"});
    const io::ProcessLimits limits{settings.limits.stall, settings.limits.endless};
    nbackup_ = std::make_unique<io::ProcessSource>(
        std::make_unique<io::ChildProcess>(command, io::Input::kNone, limits, connection.clock(), std::move(stop)),
        [address](const io::ProcessEnd& end, const io::StreamFacts&) { JudgeFirebirdCopy(end, address); });
  }

  size_t Read(MutableBytes buffer) override {
    if (nbackup_ == nullptr) throw Error(ErrorKind::kPermanent, "the copy has ended already");
    try {
      const size_t got = nbackup_->Read(buffer);
      pages_.Take(buffer.first(got));
      if (got == 0) {
        pages_.RequireWhole(address_);
        End();
      }
      return got;
    } catch (...) {
      End();
      throw;
    }
  }

 private:
  // First the process, which may be at work yet, then the state that it would end itself.
  void End() {
    nbackup_.reset();
    lock_.reset();
  }

  std::string address_;
  FirebirdPages pages_;
  std::unique_ptr<CopyLock> lock_;
  std::unique_ptr<io::ProcessSource> nbackup_;  // last: it ends before the lock goes
};

class CopySink : public ByteSink {
 public:
  CopySink(const FirebirdConnection& connection, std::string path, std::stop_token stop)
      : connection_(connection),
        path_(std::move(path)),
        stop_(std::move(stop)),
        file_(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660)) {
    if (!file_.valid()) throw SystemError(errno, "cannot make " + path_);
  }

  void Write(ByteView data) override {
    ThrowIfStopped(stop_);
    WriteAll(file_.get(), data, path_);
    pages_.Take(data);
  }

  void Finish() override {
    pages_.RequireWhole(path_);
    file_.Close();
    // Out of the backup state that the copy was made in; nothing else of the file changes.
    JudgeFirebirdCopy(RunFixup(connection_, path_, stop_), path_);
  }

 private:
  FirebirdConnection connection_;
  std::string path_;
  std::stop_token stop_;
  FileDescriptor file_;
  FirebirdPages pages_;
};

}  // namespace

void JudgeFirebirdCopy(const io::ProcessEnd& end, std::string_view database) {
  if (const std::string errors = NbackupErrors(end.output + "\n" + end.errors); !errors.empty()) {
    throw FirebirdError(errors, database);
  }
  if (end.signal != 0) {
    throw Error(ErrorKind::kTransient, fmt::format("nbackup was {} at its work on {}", end.Describe(), database),
                "look whether the machine ran out of memory, or somebody ended it");
  }
  if (!end.ok()) {
    throw Error(ErrorKind::kPermanent, fmt::format("nbackup ended with {} at its work on {}", end.Describe(), database),
                "run it by hand and look at what it says");
  }
}

std::unique_ptr<ByteSource> StartFirebirdCopy(const FirebirdConnection& connection, const std::string& address,
                                              std::stop_token stop) {
  RequireMethod(connection.settings().server, DumpMethod::kPhysical);
  return std::make_unique<CopySource>(connection, address, std::move(stop));
}

std::unique_ptr<ByteSink> CopyToFile(const FirebirdConnection& connection, const std::string& path,
                                     std::stop_token stop) {
  return std::make_unique<CopySink>(connection, path, std::move(stop));
}

}  // namespace cofre::sources
