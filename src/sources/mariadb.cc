#include "sources/mariadb.h"

#include <charconv>
#include <utility>

#include "sources/dump_name.h"
#include "sources/mariadb_dump.h"
#include "sources/mariadb_look.h"
#include "sources/mariadb_restore.h"
#include "sources/mariadb_tools.h"
#include "sources/scratch_name.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kExtension = ".sql";

class MariadbSource : public Source {
 public:
  MariadbSource(MariadbSettings settings, Clock& clock) : connection_(std::move(settings), clock) {
    RequireMariadbName(database());
  }

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override {
    const MariadbFacts facts = LookAtMariadb(connection_, database(), stop);
    return StartMariadbDump(connection_, facts, std::move(stop));
  }

  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) override {
    return RestoreToMariadb(connection_, target, replace, std::move(stop));
  }

  ProbeResult Probe(std::stop_token stop) override {
    const MariadbFacts facts = LookAtMariadb(connection_, database(), std::move(stop));
    return {.engine_version = facts.version.substr(0, facts.version.find('-')), .size_bytes = facts.size_bytes};
  }

  std::optional<uint64_t> CountTables(const std::string& target, std::stop_token stop) override {
    RequireMariadbName(target);
    const std::string printed =
        connection_.Query(target,
                          "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
                          "AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED');",
                          std::move(stop));
    uint64_t tables = 0;
    const char* end = printed.data() + printed.size();
    if (std::from_chars(printed.data(), end, tables).ec != std::errc()) return std::nullopt;
    return tables;
  }

  void DropScratch(const std::string& name, std::stop_token stop) override {
    RequireScratchName(name);
    DropMariadbScratch(connection_, name, std::move(stop));
  }

  // A dot in the name of a database begins no extension.
  std::string DumpName() const override { return DumpNameFromPath(database() + std::string(kExtension), kExtension); }

 private:
  const std::string& database() const { return connection_.settings().database; }

  MariadbConnection connection_;
};

}  // namespace

std::unique_ptr<Source> MakeMariadbSource(MariadbSettings settings, Clock& clock) {
  return std::make_unique<MariadbSource>(std::move(settings), clock);
}

}  // namespace cofre::sources
