#include "sources/postgresql_restore.h"

#include <fmt/core.h>

#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "io/process_stream.h"
#include "sources/postgresql_errors.h"

namespace cofre::sources {
namespace {

constexpr const char* kMaintenance = "postgres";  // the database that every server has, for such statements

// A database that is dropped again, unless it is given its name.
class NewDatabase {
 public:
  NewDatabase(PostgresqlConnection connection, std::stop_token stop)
      : connection_(std::move(connection)),
        stop_(std::move(stop)),
        name_(fmt::format("cofre-restore-{:016x}", SystemRandom().Next())) {
    connection_.Query(kMaintenance, fmt::format("CREATE DATABASE {} TEMPLATE template0;", SqlIdentifier(name_)), stop_);
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
    connection_.Query(kMaintenance,
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
        connection_.Query(kMaintenance,
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

void RequireNew(const PostgresqlConnection& connection, const std::string& target, bool replace, std::stop_token stop) {
  RequireDatabaseName(target);
  const std::string found = connection.Query(
      kMaintenance, fmt::format("SELECT 1 FROM pg_database WHERE datname = {};", SqlText(target)), std::move(stop));
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
  return std::make_unique<PostgresqlRestore>(connection, target, stop);
}

}  // namespace cofre::sources
