#include "sources/firebird.h"

#include <charconv>
#include <utility>

#include "sources/dump_name.h"
#include "sources/firebird_copy.h"
#include "sources/firebird_copy_lock.h"
#include "sources/firebird_dump.h"
#include "sources/firebird_restore.h"
#include "sources/firebird_tools.h"

namespace cofre::sources {
namespace {

class FirebirdSource : public Source {
 public:
  FirebirdSource(FirebirdSettings settings, Clock& clock) : connection_(std::move(settings), clock) {}

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override {
    const std::string address = connection_.AddressOf(connection_.settings().database);
    if (IsPhysical()) return StartFirebirdCopy(connection_, address, std::move(stop));
    EndLeftBackupState(connection_, address, stop);
    return StartFirebirdDump(connection_, address, std::move(stop));
  }

  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token stop) override {
    return connection_.embedded() ? RestoreToFile(connection_, target, replace, std::move(stop))
                                  : RestoreToServer(connection_, target, replace, std::move(stop));
  }

  ProbeResult Probe(std::stop_token stop) override {
    const std::string printed = connection_.Query(
        connection_.AddressOf(connection_.settings().database),
        "set list on; select rdb$get_context('SYSTEM', 'ENGINE_VERSION') as engine, mon$page_size * mon$pages as bytes "
        "from mon$database;",
        std::move(stop));
    ProbeResult result;
    result.engine_version = ListValue(printed, "ENGINE");
    result.size_bytes = NumberOf(printed, "BYTES");
    return result;
  }

  std::optional<uint64_t> CountTables(const std::string& target, std::stop_token stop) override {
    return NumberOf(connection_.Query(connection_.AddressOf(target),
                                      "set list on; select count(*) as tables from rdb$relations where "
                                      "coalesce(rdb$system_flag, 0) = 0 and rdb$view_blr is null;",
                                      std::move(stop)),
                    "TABLES");
  }

  std::string DumpName() const override {
    return DumpNameFromPath(connection_.settings().database, IsPhysical() ? ".nbk" : ".fbk");
  }

 private:
  bool IsPhysical() const { return connection_.settings().method == DumpMethod::kPhysical; }

  static std::optional<uint64_t> NumberOf(std::string_view printed, std::string_view column) {
    const std::string digits = ListValue(printed, column);
    uint64_t number = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc()) return std::nullopt;
    return number;
  }

  FirebirdConnection connection_;
};

}  // namespace

std::unique_ptr<Source> MakeFirebirdSource(FirebirdSettings settings, Clock& clock) {
  return std::make_unique<FirebirdSource>(std::move(settings), clock);
}

}  // namespace cofre::sources
