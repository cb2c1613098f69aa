#include "sources/sqlite_database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/error.h"

namespace cofre::sources {
namespace {

constexpr std::chrono::milliseconds kBusyPause{5};

void RequireDatabaseFile(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    throw Error(errno == ENOENT || errno == ENOTDIR ? ErrorKind::kNotFound : ErrorKind::kPermanent,
                SystemError(errno, "cannot open " + path).what(), "check the path, and who may read it");
  }
  if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::kUsage, path + " is no file", "give the database's file");
  if (status.st_size == 0) {
    throw Error(ErrorKind::kCorrupt, path + " is empty: it holds no database", "restore its last good backup");
  }
}

}  // namespace

void SqliteDatabase::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteDatabase::SqliteDatabase(const std::string& path, Duration patience, Clock& clock, std::stop_token stop)
    : path_(path), wait_(new Wait{clock, patience, std::move(stop)}) {
  RequireDatabaseFile(path);
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
  database_.reset(database);
  Check(code);
  // A backup reads: moving the log into the database is the writers' business.
  Check(sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr));
  sqlite3_busy_handler(database, &OnBusy, wait_.get());
}

std::string SqliteDatabase::Run(const std::string& sql) {
  std::string value;
  const char* rest = sql.c_str();
  while (*rest != '\0') {
    sqlite3_stmt* prepared = nullptr;
    Check(sqlite3_prepare_v2(database_.get(), rest, -1, &prepared, &rest));
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, &sqlite3_finalize);
    if (prepared == nullptr) continue;
    int code = 0;
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
      const unsigned char* text = sqlite3_column_text(prepared, 0);
      value = text != nullptr ? reinterpret_cast<const char*>(text) : "";
    }
    if (code != SQLITE_DONE) Fail(code);
  }
  return value;
}

uint64_t SqliteDatabase::Number(const std::string& sql) {
  const std::string text = Run(sql);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number == 0) throw Error(ErrorKind::kCorrupt, path_ + ": no answer to " + sql);
  return number;
}

void SqliteDatabase::ReadFile(MutableBytes into, uint64_t offset) {
  // SQLite's own handle: opening the file a second time and closing it would drop all locks that this process has on
  // it (POSIX advisory locks work so).
  sqlite3_file* file = nullptr;
  Check(sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)));
  const int code =
      file->pMethods->xRead(file, into.data(), static_cast<int>(into.size()), static_cast<sqlite3_int64>(offset));
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) Fail(code);
}

int SqliteDatabase::OnBusy(void* data, int tries) {
  auto* wait = static_cast<Wait*>(data);
  if (tries == 0) wait->since = wait->clock.Monotonic();
  if (wait->stop.stop_requested() || wait->clock.Monotonic() - wait->since >= wait->patience) return 0;
  wait->clock.SleepFor(kBusyPause, wait->stop);
  return 1;
}

void SqliteDatabase::Check(int code) const {
  if (code != SQLITE_OK) Fail(code);
}

void SqliteDatabase::Fail(int code) const {
  if (wait_->stop.stop_requested()) throw Error(ErrorKind::kCancelled, "cancelled while reading " + path_);
  const std::string message = path_ + ": " + sqlite3_errstr(code) +
                              (database_ != nullptr ? std::string(" (") + sqlite3_errmsg(database_.get()) + ")" : "");
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorKind::kTransient, message, "another program has it locked: wait until it is done");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw Error(ErrorKind::kCorrupt, message, "look at it with PRAGMA integrity_check; restore its last good backup");
    case SQLITE_FULL:
      throw Error(ErrorKind::kPermanent, message, "free some space");
    default:
      throw Error(ErrorKind::kPermanent, message,
                  "check that the user that runs cofre may read and write it and its folder");
  }
}

}  // namespace cofre::sources
