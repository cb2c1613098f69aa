#include "sources/postgresql.h"

#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "io/process_stream.h"
#include "sources/dump_name.h"
#include "sources/postgresql_errors.h"
#include "sources/postgresql_restore.h"
#include "sources/postgresql_tools.h"
#include "sources/scratch_name.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kExtension = ".pgdump";
constexpr std::string_view kArchiveBegin = "PGDMP";  // pg_backup_archiver.c: the first bytes of every archive

// A table that a company made; a partition is one too, its parent holds nothing.
constexpr std::string_view kOwnTables =
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_temp%'";

// Takes the next column of what psql printed.
std::string_view TakeColumn(std::string_view& row) {
  const size_t end = row.find_first_of("|\n");
  const std::string_view column = row.substr(0, end);
  row.remove_prefix(end == std::string_view::npos ? row.size() : end + 1);
  return column;
}

std::optional<uint64_t> NumberOf(std::string_view digits) {
  uint64_t number = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

class PostgresqlSource : public Source {
 public:
  PostgresqlSource(PostgresqlSettings settings, Clock& clock) : connection_(std::move(settings), clock) {
    RequireDatabaseName(database());
  }

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override {
    const PostgresqlSettings& settings = connection_.settings();
    const io::Command command = connection_.CommandFor(
        database(), {settings.tools.pg_dump, "--format=custom", "--compress=0", "--no-password"});
    const io::ProcessLimits limits{settings.limits.stall, settings.limits.endless};
    auto process =
        std::make_unique<io::ChildProcess>(command, io::Input::kNone, limits, connection_.clock(), std::move(stop));
    return std::make_unique<io::ProcessSource>(
        std::move(process), [name = database()](const io::ProcessEnd& end, const io::StreamFacts& facts) {
          if (!end.ok()) throw PostgresqlError(end, "pg_dump", name);
          if (AsText(facts.head).starts_with(kArchiveBegin)) return;
          throw Error(ErrorKind::kCorrupt, "the dump of " + name + " does not begin as an archive of pg_dump does",
                      "name PostgreSQL's own pg_dump in the configuration, [postgresql] pg_dump");
        });
  }

  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) override {
    return RestoreToPostgresql(connection_, target, replace, std::move(stop));
  }

  ProbeResult Probe(std::stop_token stop) override {
    // Without indexes, which a dump does not hold.
    const std::string printed = connection_.Query(
        database(),
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000, "
        "(SELECT coalesce(sum(pg_table_size(c.oid)), 0) " +
            std::string(kOwnTables) + ");",
        stop);
    std::string_view row = printed;
    ProbeResult result;
    const std::string_view version = TakeColumn(row);
    result.engine_version = version.substr(0, version.find(' '));
    const std::optional<uint64_t> major = NumberOf(TakeColumn(row));
    result.size_bytes = NumberOf(TakeColumn(row));
    connection_.RequireNewEnough(static_cast<int>(major.value_or(0)), std::move(stop));
    return result;
  }

  std::optional<uint64_t> CountTables(const std::string& target, std::stop_token stop) override {
    RequireDatabaseName(target);
    return NumberOf(connection_.Query(target, "SELECT count(*) " + std::string(kOwnTables) + ";", std::move(stop)));
  }

  void DropScratch(const std::string& name, std::stop_token stop) override {
    RequireScratchName(name);
    connection_.Query(kMaintenanceDatabase,
                      "SET client_min_messages = error; DROP DATABASE IF EXISTS " + SqlIdentifier(name) + ";",
                      std::move(stop));
  }

  // A dot in the name of a database begins no extension.
  std::string DumpName() const override { return DumpNameFromPath(database() + std::string(kExtension), kExtension); }

 private:
  const std::string& database() const { return connection_.settings().database; }

  PostgresqlConnection connection_;
};

}  // namespace

std::unique_ptr<Source> MakePostgresqlSource(PostgresqlSettings settings, Clock& clock) {
  return std::make_unique<PostgresqlSource>(std::move(settings), clock);
}

}  // namespace cofre::sources
