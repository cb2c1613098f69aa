#include "sources/sqlite.h"

#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/error.h"
#include "io/beside.h"
#include "io/file_sink.h"
#include "sources/dump_name.h"
#include "sources/sqlite_database.h"
#include "sources/sqlite_dump.h"

namespace cofre::sources {
namespace {

constexpr std::chrono::seconds kPatience{5};  // for somebody to let go of the database

// Files beside a database that SQLite would apply to whatever database bears its name.
constexpr const char* kCompanions[] = {"-wal", "-shm", "-journal"};

void RefuseCompanions(const std::string& path) {
  for (const char* suffix : kCompanions) {
    if (access((path + suffix).c_str(), F_OK) != 0) continue;
    throw Error(ErrorKind::kUsage,
                path + suffix + " is there without its database: SQLite would apply it to the new one", "move it away");
  }
}

class SqliteRestore : public ByteSink {
 public:
  SqliteRestore(const std::string& target, bool replace, Clock& clock, std::stop_token stop)
      : target_(io::ResolveLink(target)),
        replace_(replace),
        clock_(clock),
        stop_(std::move(stop)),
        beside_(Checked()),
        file_(beside_.file(), false) {}

  void Write(ByteView data) override { file_.Write(data); }

  void Finish() override {
    file_.Finish();
    {
      SqliteDatabase made(beside_.file(), kPatience, clock_, stop_);
      if (const std::string found = made.Run("PRAGMA integrity_check"); found != "ok") {
        throw Error(ErrorKind::kCorrupt,
                    "what was restored for " + target_ + " does not pass integrity_check: " + found,
                    "restore another backup");
      }
    }
    const std::optional<SqliteDatabase> old = TakeOld();
    if (!replace_) RefuseCompanions(target_);
    io::PutInPlace(beside_.file(), target_, replace_);
    beside_.Remove();
  }

 private:
  const std::string& Checked() const {
    io::RequireFree(target_, replace_);
    if (access(target_.c_str(), F_OK) != 0) RefuseCompanions(target_);
    return target_;
  }

  // The old database, locked, with all that it is in one file: then one rename is the whole change. One that is no
  // database any more loses its companions.
  std::optional<SqliteDatabase> TakeOld() const {
    if (!replace_ || access(target_.c_str(), F_OK) != 0) return std::nullopt;
    try {
      SqliteDatabase old(target_, kPatience, clock_, stop_);
      // Fails while another connection is there, if the database has a write-ahead log.
      old.Run("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
      return old;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kCorrupt) throw error.In("cannot replace the old database");
    }
    for (const char* suffix : kCompanions) unlink((target_ + suffix).c_str());
    return std::nullopt;
  }

  std::string target_;
  bool replace_;
  Clock& clock_;
  std::stop_token stop_;
  io::BesideFolder beside_;
  io::FileSink file_;
};

class SqliteSource : public Source {
 public:
  SqliteSource(std::string path, Limits limits, Clock& clock)
      : path_(std::move(path)), limits_(limits), clock_(clock) {}

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override {
    return StartSqliteDump(path_, limits_, clock_, std::move(stop));
  }

  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) override {
    return std::make_unique<SqliteRestore>(target, replace, clock_, std::move(stop));
  }

  ProbeResult Probe(std::stop_token stop) override {
    SqliteDatabase database(path_, kPatience, clock_, std::move(stop));
    ProbeResult result;
    result.engine_version = sqlite3_libversion();
    result.size_bytes = database.Number("PRAGMA page_count") * database.Number("PRAGMA page_size");
    return result;
  }

  std::optional<uint64_t> CountTables(const std::string& target, std::stop_token stop) override {
    return SqliteDatabase(target, kPatience, clock_, std::move(stop))
        .Number("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  }

  std::string DumpName() const override { return DumpNameFromPath(path_, ".sqlite"); }

 private:
  std::string path_;
  Limits limits_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Source> MakeSqliteSource(std::string path, Limits limits, Clock& clock) {
  return std::make_unique<SqliteSource>(std::move(path), limits, clock);
}

}  // namespace cofre::sources
