#include "sources/firebird_copy_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"

namespace cofre::sources {
namespace {

std::string MarkPath(const FirebirdConnection& connection, const std::string& address) {
  return (std::filesystem::path(connection.settings().marks_folder) / Sha256(AsBytes(address)).Hex()).string();
}

// Invalid where another process, or another copy of this one, holds it.
FileDescriptor Hold(const std::string& path, int flags) {
  FileDescriptor mark(open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0640));
  if (!mark.valid()) {
    if (errno == ENOENT && (flags & O_CREAT) == 0) return mark;
    throw SystemError(errno, "cannot open the mark " + path);
  }
  while (flock(mark.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return {};
    if (errno != EINTR) throw SystemError(errno, "cannot lock the mark " + path);
  }
  return mark;
}

bool IsSet(const FileDescriptor& mark) {
  struct stat status {};
  return fstat(mark.get(), &status) == 0 && status.st_size > 0;
}

void Set(const FileDescriptor& mark, const std::string& address, const std::string& folder) {
  WriteAll(mark.get(), AsBytes(address + "\n"), "the mark of a copy");
  if (fsync(mark.get()) != 0) throw SystemError(errno, "cannot write the mark of a copy");
  SyncFolder(folder);
}

void Clear(const FileDescriptor& mark) {
  if (ftruncate(mark.get(), 0) != 0) throw SystemError(errno, "cannot clear the mark of a copy");
  lseek(mark.get(), 0, SEEK_SET);
}

// The engine takes the difference file back into the database, which may take as long as writing it did.
void EndBackupState(const FirebirdConnection& connection, const std::string& address, const std::stop_token& stop) {
  if (!IsInBackupState(connection, address, stop)) return;
  connection.Query(address, "alter database end backup;", stop);
  Log(LogLevel::kWarning, "backup_state_ended", {{"database", address}});
}

}  // namespace

bool IsInBackupState(const FirebirdConnection& connection, const std::string& address, std::stop_token stop) {
  const std::string printed = connection.Query(
      address, "set list on; select mon$backup_state as backup_state from mon$database;", std::move(stop));
  return ListValue(printed, "BACKUP_STATE") != "0";
}

CopyLock::CopyLock(const FirebirdConnection& connection, const std::string& address, const std::stop_token& stop)
    : connection_(connection), address_(address) {
  const std::string& folder = connection.settings().marks_folder;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw SystemError(error.value(), "cannot make the folder " + folder);
  mark_ = Hold(MarkPath(connection, address), O_CREAT);
  if (!mark_.valid()) {
    throw Error(ErrorKind::kTransient, address + " is being copied already", "wait until that copy has ended");
  }
  if (IsSet(mark_)) {
    EndBackupState(connection, address, stop);
    Clear(mark_);
  } else if (IsInBackupState(connection, address, stop)) {
    throw Error(ErrorKind::kPermanent, address + " is in backup state, and not by cofre: somebody copies it, or forgot",
                "if nobody copies it: nbackup -UNLOCK " + address + "; or dump it with --method logical");
  }
  Set(mark_, address, folder);
}

CopyLock::~CopyLock() {
  if (!mark_.valid() || !IsSet(mark_)) return;
  try {
    EndBackupState(connection_, address_, {});
    Clear(mark_);
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "backup_state_left", {{"database", address_}, {"error", error.what()}});
  }
}

void EndLeftBackupState(const FirebirdConnection& connection, const std::string& address, const std::stop_token& stop) {
  if (connection.settings().marks_folder.empty()) return;
  const FileDescriptor mark = Hold(MarkPath(connection, address), 0);
  if (!mark.valid() || !IsSet(mark)) return;
  EndBackupState(connection, address, stop);
  Clear(mark);
}

}  // namespace cofre::sources
