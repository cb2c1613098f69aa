#include "catalogue/sqlite_backend.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <cerrno>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

namespace cofre::catalogue::sqlite {
namespace {

constexpr std::string_view kScheme = "sqlite:";
// How long a writer waits for another one.
constexpr int kBusySeconds = 10;

std::string PathOf(const std::string& url) {
  std::string path = url.starts_with(kScheme) ? url.substr(kScheme.size()) : url;
  if (path.empty()) {
    throw Error(ErrorKind::kUsage, "the catalogue has no path",
                "write one, as in /var/lib/cofre/catalogo.db, or postgresql://USER@HOST/DATABASE");
  }
  // SOCI's connection string has no way to write a quote inside of quotes.
  if (path.find('"') != std::string::npos) {
    throw Error(ErrorKind::kUsage, "the catalogue's path " + Quoted(path) + " has a quote in it",
                "choose a path without \"");
  }
  return path;
}

// Never opens a file that is there: closing it again would give up the locks of every connection to it that this
// process has (POSIX locks belong to the process), and then another process could remove the log that they write to.
void RequireFile(const std::string& path, bool may_create) {
  if (may_create) {
    const FileDescriptor made(open(path.c_str(), O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, 0640));
    if (made.valid()) return;
    if (errno != EEXIST) throw SystemError(errno, "cannot open the catalogue " + path);
  }
  if (faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) == 0) return;
  if (errno == ENOENT) {
    throw Error(ErrorKind::kNotFound, "there is no catalogue at " + path,
                "cofre init makes a new one, cofre catalogue rebuild makes it from the bucket and the master key");
  }
  throw SystemError(errno, "cannot open the catalogue " + path);
}

bool IsBusy(const soci::soci_error& error) {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  return sqlite != nullptr && (sqlite->result() & 0xFF) == SQLITE_BUSY;
}

// Readers then never wait for a writer. The file remembers it. To change it SQLite needs the file for itself and
// doesn't wait, so of two processes that open a new catalogue at once one must try again.
void UseWriteAheadLog(soci::session& session) {
  for (int attempt = 0;; ++attempt) {
    try {
      std::string mode;
      session << "PRAGMA journal_mode", soci::into(mode);
      if (mode == "wal") return;
      session << "PRAGMA journal_mode = WAL", soci::into(mode);
      return;
    } catch (const soci::soci_error& error) {
      if (!IsBusy(error) || attempt == kBusySeconds * 50) throw;
      SystemClock().SleepFor(std::chrono::milliseconds(20), {});
    }
  }
}

bool Exists(soci::session& session, const std::string& condition, const std::string& name) {
  int count = 0;
  session << "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND " + condition, soci::use(name, "name"),
      soci::into(count);
  return count > 0;
}

}  // namespace

std::unique_ptr<soci::session> Connect(const std::string& url, bool may_create) {
  const std::string path = PathOf(url);
  RequireFile(path, may_create);
  try {
    auto session =
        std::make_unique<soci::session>(soci::sqlite3, fmt::format("dbname=\"{}\" timeout={}", path, kBusySeconds));
    UseWriteAheadLog(*session);
    *session << "PRAGMA synchronous = FULL";
    *session << "PRAGMA foreign_keys = ON";
    return session;
  } catch (const soci::sqlite3_soci_error& error) {
    throw Translate(error, "the catalogue " + url + ": " + error.get_error_message());
  }
}

void BeginWrite(soci::session& session) { session << "BEGIN IMMEDIATE"; }

bool HasTable(soci::session& session, const std::string& name) { return Exists(session, "name = :name", name); }
bool HasAnyTable(soci::session& session) { return Exists(session, "name <> :name", "sqlite_sequence"); }

Error Translate(const soci::sqlite3_soci_error& error, const std::string& message) {
  switch (error.result() & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::kTransient, message, "another process is writing to it: try again in a moment"};
    case SQLITE_FULL:
      return {ErrorKind::kPermanent, message, "the disk is full: free some space; nothing of this change was stored"};
    case SQLITE_IOERR:
      return {ErrorKind::kPermanent, message, "look at the disk's space and health; nothing of this change was stored"};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorKind::kPermanent, message, "give the user that runs cofre write access to the file and its folder"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorKind::kCorrupt, message,
              "move the file away and run cofre catalogue rebuild: the bucket has it all"};
    default:
      return {ErrorKind::kPermanent, message};
  }
}

}  // namespace cofre::catalogue::sqlite
