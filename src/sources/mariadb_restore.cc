#include "sources/mariadb_restore.h"

#include <fmt/core.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "io/process_stream.h"
#include "sources/mariadb_dump.h"
#include "sources/mariadb_errors.h"

namespace cofre::sources {
namespace {

// From the making of a database to the sign-in of who fills it, clocks of two machines apart.
constexpr std::chrono::minutes kSignInTime{10};

void DropDatabase(const MariadbConnection& connection, const std::string& name, const std::stop_token& stop) {
  connection.Query("", fmt::format("DROP DATABASE IF EXISTS {};", MariadbIdentifier(name)), stop);
}

// A database that is dropped again, unless it is kept.
class NewDatabase {
 public:
  NewDatabase(MariadbConnection connection, std::string name, const std::stop_token& stop)
      : connection_(std::move(connection)), name_(std::move(name)) {
    connection_.Query("", fmt::format("CREATE DATABASE {};", MariadbIdentifier(name_)), stop);
  }
  ~NewDatabase() {
    if (name_.empty()) return;
    try {
      DropDatabase(connection_, name_, {});
    } catch (const std::exception& error) {
      Log(LogLevel::kWarning, "restore_left_behind", {{"database", name_}, {"error", error.what()}});
    }
  }
  NewDatabase(const NewDatabase&) = delete;
  NewDatabase& operator=(const NewDatabase&) = delete;

  void MarkUnfinished(const std::stop_token& stop) {
    connection_.Query(name_,
                      fmt::format("CREATE TABLE {} (x int) COMMENT '{}';", MariadbIdentifier(kUnfinishedTable),
                                  FormatTime(connection_.clock().Now())),
                      stop);
  }
  void Keep() { name_.clear(); }

 private:
  MariadbConnection connection_;
  std::string name_;
};

// A database as a restore finds it.
struct Found {
  std::optional<TimePoint> begun;  // set where a restore of it has not ended
  bool is_used = false;            // somebody whom we are shown is connected to it
};

std::optional<Found> Find(const MariadbConnection& connection, const std::string& name, const std::stop_token& stop) {
  const std::string row = connection.Query(
      "",
      fmt::format("SELECT COALESCE(MAX(t.TABLE_COMMENT), ''), (SELECT COUNT(*) FROM information_schema.PROCESSLIST "
                  "p WHERE p.DB = s.SCHEMA_NAME) FROM information_schema.SCHEMATA s LEFT JOIN "
                  "information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME AND t.TABLE_NAME = {} "
                  "WHERE s.SCHEMA_NAME = {} GROUP BY s.SCHEMA_NAME;",
                  MariadbText(kUnfinishedTable), MariadbText(name)),
      stop);
  if (row.empty()) return std::nullopt;
  const size_t tab = row.find('\t');
  return Found{.begun = ParseTime(row.substr(0, tab)), .is_used = !row.ends_with("\t0\n")};
}

// Drops a database of that name where a restore that was killed has left it there. Throws kind usage for any other.
void RequireNew(const MariadbConnection& connection, const std::string& target, bool replace,
                const std::stop_token& stop) {
  RequireMariadbName(target);
  const auto found = Find(connection, target, stop);
  if (!found) return;
  if (!found->begun) {
    if (!replace) throw Error(ErrorKind::kUsage, target + " exists already", "name a database that does not exist");
    throw Error(ErrorKind::kUsage, target + " exists, and a server's database is not replaced from here",
                "restore under a new name, look at it, and let its program use that one");
  }
  if (found->is_used || connection.clock().Now() - *found->begun < kSignInTime) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is being restored since {}, or that was broken off just now", target,
                            FormatTime(*found->begun)),
                fmt::format("name another database, or try again in {} minutes", kSignInTime.count()));
  }
  DropDatabase(connection, target, stop);
  Log(LogLevel::kInfo, "restore_leftover_dropped", {{"database", target}, {"begun", FormatTime(*found->begun)}});
}

std::unique_ptr<io::ProcessSink> StartMariadb(const MariadbConnection& connection, const std::string& target,
                                              std::stop_token stop) {
  const MariadbSettings& settings = connection.settings();
  const io::ProcessLimits limits{settings.limits.stall, settings.limits.restore};
  auto process = std::make_unique<io::ChildProcess>(connection.ClientFor(target, {}), io::Input::kPipe, limits,
                                                    connection.clock(), std::move(stop));
  return std::make_unique<io::ProcessSink>(std::move(process),
                                           [target](const io::ProcessEnd& end, const io::StreamFacts&) {
                                             if (!end.ok()) throw MariadbError(end, "mariadb", target);
                                           });
}

class MariadbRestore : public ByteSink {
 public:
  MariadbRestore(const MariadbConnection& connection, const std::string& target, const std::stop_token& stop)
      : database_(connection, target, stop), tail_(kMariadbDumpEnd.size()) {
    database_.MarkUnfinished(stop);
    load_ = StartMariadb(connection, target, stop);
  }

  void Write(ByteView data) override {
    tail_.Add(AsText(data));
    load_->Write(data);
  }

  void Finish() override {
    // Cut off between two statements, a text is as good as any other to mariadb.
    if (tail_.text() != kMariadbDumpEnd) {
      throw Error(ErrorKind::kCorrupt, "the dump does not end as a whole one of MariaDB does", "restore another one");
    }
    load_->Write(AsBytes(fmt::format("DROP TABLE {};\n", MariadbIdentifier(kUnfinishedTable))));
    load_->Finish();
    database_.Keep();
  }

 private:
  NewDatabase database_;
  Tail tail_;
  std::unique_ptr<io::ProcessSink> load_;  // last: it ends before its database goes
};

}  // namespace

std::unique_ptr<ByteSink> RestoreToMariadb(const MariadbConnection& connection, const std::string& target, bool replace,
                                           std::stop_token stop) {
  RequireNew(connection, target, replace, stop);
  return std::make_unique<MariadbRestore>(connection, target, stop);
}

void DropMariadbScratch(const MariadbConnection& connection, const std::string& name, const std::stop_token& stop) {
  const auto found = Find(connection, name, stop);
  if (!found) return;
  if (found->begun && found->is_used) {
    throw Error(ErrorKind::kTransient, name + " is being filled by another drill");
  }
  DropDatabase(connection, name, stop);
}

}  // namespace cofre::sources
