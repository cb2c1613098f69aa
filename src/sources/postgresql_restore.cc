#include "sources/postgresql_restore.h"

#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "io/process_stream.h"
#include "sources/postgresql_errors.h"
#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kUnfinished = "cofre-restore-";

uint32_t SecondsSince1970(const Clock& clock) {
  return static_cast<uint32_t>(std::chrono::floor<std::chrono::seconds>(clock.Now()).time_since_epoch().count());
}

// A database that is dropped again, unless it is given its name.
class NewDatabase {
 public:
  NewDatabase(PostgresqlConnection connection, std::stop_token stop)
      : connection_(std::move(connection)),
        stop_(std::move(stop)),
        name_(fmt::format("{}{:08x}{:08x}", kUnfinished, SecondsSince1970(connection_.clock()),
                          static_cast<uint32_t>(SystemRandom().Next()))) {
    connection_.Query(kMaintenanceDatabase, fmt::format("CREATE DATABASE {} TEMPLATE template0;", SqlIdentifier(name_)),
                      stop_);
  }
  ~NewDatabase() {
    if (name_.empty()) return;
    try {
      Drop();
    } catch (const std::exception& error) {
      Log(LogLevel::kWarning, "restore_left_behind", {{"database", name_}, {"error", error.what()}});
    }
  }
  NewDatabase(const NewDatabase&) = delete;
  NewDatabase& operator=(const NewDatabase&) = delete;

  const std::string& name() const { return name_; }

  void Rename(const std::string& target) {
    connection_.Query(kMaintenanceDatabase,
                      fmt::format("ALTER DATABASE {} RENAME TO {};", SqlIdentifier(name_), SqlIdentifier(target)),
                      stop_);
    name_.clear();
  }

 private:
  // The server may need a moment to see that pg_restore is gone.
  void Drop() const {
    static constexpr int kTries = 20;
    for (int i = 1;; ++i) {
      try {
        connection_.Query(kMaintenanceDatabase,
                          fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {};\n"
                                      "DROP DATABASE {};",
                                      SqlText(name_), SqlIdentifier(name_)),
                          {});
        return;
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::kNotFound) return;
        if (i == kTries) throw;
      }
      connection_.clock().SleepFor(std::chrono::milliseconds(250), {});
    }
  }

  PostgresqlConnection connection_;
  std::stop_token stop_;
  std::string name_;
};

// Those of restores that were killed: too old for one that goes on, and nobody is connected, whom DROP DATABASE would
// not suffer. What cannot be dropped hinders nobody.
void DropLeftovers(const PostgresqlConnection& connection, const std::stop_token& stop) {
  const auto oldest = connection.settings().limits.restore + std::chrono::hours(1);
  const std::string found = connection.Query(
      kMaintenanceDatabase,
      "SELECT datname FROM pg_database WHERE datname ~ '^cofre-restore-[0-9a-f]{16}$' ORDER BY 1;", stop);
  ForEachLine(found, [&](std::string_view name) {
    if (!TakePrefix(name, kUnfinished)) return;
    uint32_t begun = 0;
    std::from_chars(name.data(), name.data() + 8, begun, 16);
    if (int64_t{begun} + oldest.count() > int64_t{SecondsSince1970(connection.clock())}) return;
    const std::string database = std::string(kUnfinished) + std::string(name);
    try {
      connection.Query(kMaintenanceDatabase, fmt::format("DROP DATABASE {};", SqlIdentifier(database)), stop);
      Log(LogLevel::kInfo, "restore_leftover_dropped", {{"database", database}});
    } catch (const Error& error) {
      Log(LogLevel::kWarning, "restore_left_behind", {{"database", database}, {"error", error.what()}});
    }
  });
}

void RequireNew(const PostgresqlConnection& connection, const std::string& target, bool replace, std::stop_token stop) {
  RequireDatabaseName(target);
  const std::string found =
      connection.Query(kMaintenanceDatabase,
                       fmt::format("SELECT 1 FROM pg_database WHERE datname = {};", SqlText(target)), std::move(stop));
  if (found.empty()) return;
  if (!replace) throw Error(ErrorKind::kUsage, target + " exists already", "name a database that does not exist");
  throw Error(ErrorKind::kUsage, target + " exists, and a server's database is not replaced from here",
              "restore under a new name, look at it, then rename both with ALTER DATABASE");
}

std::unique_ptr<io::ProcessSink> StartPgRestore(const PostgresqlConnection& connection, const std::string& database,
                                                const std::string& target, std::stop_token stop) {
  const PostgresqlSettings& settings = connection.settings();
  const io::Command command =
      connection.CommandFor(database, {settings.tools.pg_restore, "--format=custom", "--exit-on-error", "--no-password",
                                       "--dbname=" + ConnectionSetting(database)});
  const io::ProcessLimits limits{settings.limits.stall, settings.limits.restore};
  auto process =
      std::make_unique<io::ChildProcess>(command, io::Input::kPipe, limits, connection.clock(), std::move(stop));
  return std::make_unique<io::ProcessSink>(std::move(process),
                                           [target](const io::ProcessEnd& end, const io::StreamFacts&) {
                                             if (!end.ok()) throw PostgresqlError(end, "pg_restore", target);
                                           });
}

class PostgresqlRestore : public ByteSink {
 public:
  PostgresqlRestore(const PostgresqlConnection& connection, const std::string& target, const std::stop_token& stop)
      : target_(target),
        database_(connection, stop),
        restore_(StartPgRestore(connection, database_.name(), target, stop)) {}

  void Write(ByteView data) override { restore_->Write(data); }

  void Finish() override {
    restore_->Finish();
    database_.Rename(target_);
  }

 private:
  std::string target_;
  NewDatabase database_;
  std::unique_ptr<io::ProcessSink> restore_;  // last: it ends before its database goes
};

}  // namespace

std::unique_ptr<ByteSink> RestoreToPostgresql(const PostgresqlConnection& connection, const std::string& target,
                                              bool replace, std::stop_token stop) {
  RequireNew(connection, target, replace, stop);
  DropLeftovers(connection, stop);
  return std::make_unique<PostgresqlRestore>(connection, target, stop);
}

}  // namespace cofre::sources
