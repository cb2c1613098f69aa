#include "sources/mariadb_errors.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "base/text.h"
#include "base/utf8.h"
#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kHintAuth = "check the server's user and password file, and from where he may sign in";
constexpr std::string_view kHintRights =
    "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO the user; for a restore he needs ALL on the new database, and "
    "SET USER (before 10.5 SUPER) where others own its routines";
constexpr std::string_view kHintMissing = "check the database's name";
constexpr std::string_view kHintNetwork = "check that the server runs, and its host, port and network";
constexpr std::string_view kHintBusy = "somebody holds it: it is tried again";
constexpr std::string_view kHintDump = "this is no whole dump of a MariaDB database; restore another one";
constexpr std::string_view kHintDamage =
    "look at it with mariadb-check; restore its last good backup under another name";
constexpr std::string_view kHintBroken = "its definition does not fit the tables any more: mend it, or drop it";
constexpr std::string_view kHintDisk = "free some space";
constexpr std::string_view kHintTls = "say how to speak TLS in an options file: [mariadb] archivo_opciones";
constexpr std::string_view kHintOther = "restore it on a server of its own version or a later one";
constexpr std::string_view kHintPacket = "raise max_allowed_packet on the server, up to 1G";

struct NumberMeaning {
  int number;
  ErrorKind kind;
  std::string_view hint;
};

// Numbers of the server (1000 and up: mysqld_error.h) and of the client library (2000 and up: errmsg.h), by name of
// the constant.
constexpr std::array kMeanings = {
    // Signing in and rights.
    NumberMeaning{1044, ErrorKind::kAuth, kHintRights},  // DBACCESS_DENIED
    NumberMeaning{1045, ErrorKind::kAuth, kHintAuth},    // ACCESS_DENIED
    NumberMeaning{1129, ErrorKind::kAuth, "too many failed sign-ins from here: FLUSH HOSTS on the server"},
    NumberMeaning{1130, ErrorKind::kAuth, kHintAuth},    // HOST_NOT_PRIVILEGED
    NumberMeaning{1142, ErrorKind::kAuth, kHintRights},  // TABLEACCESS_DENIED
    NumberMeaning{1143, ErrorKind::kAuth, kHintRights},  // COLUMNACCESS_DENIED
    NumberMeaning{1227, ErrorKind::kAuth, kHintRights},  // SPECIFIC_ACCESS_DENIED
    NumberMeaning{1370, ErrorKind::kAuth, kHintRights},  // PROCACCESS_DENIED
    NumberMeaning{1419, ErrorKind::kAuth, "SET GLOBAL log_bin_trust_function_creators = 1 on the server for a restore"},
    NumberMeaning{1524, ErrorKind::kAuth, kHintAuth},  // PLUGIN_IS_NOT_LOADED
    NumberMeaning{1698, ErrorKind::kAuth, kHintAuth},  // ACCESS_DENIED_NO_PASSWORD
    NumberMeaning{1820, ErrorKind::kAuth, "the user must change his password first"},
    NumberMeaning{1862, ErrorKind::kAuth, "the user must change his password first"},
    NumberMeaning{2059, ErrorKind::kAuth, kHintAuth},  // AUTH_PLUGIN_CANNOT_LOAD
    NumberMeaning{4151, ErrorKind::kAuth, "the user's account is locked"},
    // The database.
    NumberMeaning{1007, ErrorKind::kUsage, "name a database that does not exist"},  // DB_CREATE_EXISTS
    NumberMeaning{1049, ErrorKind::kNotFound, kHintMissing},                        // BAD_DB
    NumberMeaning{1356, ErrorKind::kPermanent, kHintBroken},                        // VIEW_INVALID
    NumberMeaning{1449, ErrorKind::kPermanent, kHintBroken},                        // NO_SUCH_USER, of a definer
    // A restore's own troubles.
    NumberMeaning{1062, ErrorKind::kCorrupt, kHintDump},      // DUP_ENTRY
    NumberMeaning{1064, ErrorKind::kCorrupt, kHintDump},      // PARSE
    NumberMeaning{1065, ErrorKind::kCorrupt, kHintDump},      // EMPTY_QUERY
    NumberMeaning{1115, ErrorKind::kPermanent, kHintOther},   // UNKNOWN_CHARACTER_SET
    NumberMeaning{1153, ErrorKind::kPermanent, kHintPacket},  // NET_PACKET_TOO_LARGE
    NumberMeaning{1193, ErrorKind::kPermanent, kHintOther},   // UNKNOWN_SYSTEM_VARIABLE
    NumberMeaning{1273, ErrorKind::kPermanent, kHintOther},   // UNKNOWN_COLLATION
    NumberMeaning{1286, ErrorKind::kPermanent, "the server has no such storage engine: turn it on there"},
    NumberMeaning{2020, ErrorKind::kPermanent, kHintPacket},  // NET_PACKET_TOO_LARGE
    NumberMeaning{1021, ErrorKind::kPermanent, kHintDisk},    // DISK_FULL
    NumberMeaning{1114, ErrorKind::kPermanent, kHintDisk},    // RECORD_FILE_FULL
    // Damage.
    NumberMeaning{1033, ErrorKind::kCorrupt, kHintDamage},  // NOT_FORM_FILE
    NumberMeaning{1034, ErrorKind::kCorrupt, kHintDamage},  // NOT_KEYFILE
    NumberMeaning{1194, ErrorKind::kCorrupt, kHintDamage},  // CRASHED_ON_USAGE
    NumberMeaning{1195, ErrorKind::kCorrupt, kHintDamage},  // CRASHED_ON_REPAIR
    NumberMeaning{1712, ErrorKind::kCorrupt, kHintDamage},  // INDEX_CORRUPT
    NumberMeaning{1877, ErrorKind::kCorrupt, kHintDamage},  // TABLE_CORRUPT
    NumberMeaning{1932, ErrorKind::kCorrupt, kHintDamage},  // NO_SUCH_TABLE_IN_ENGINE
    // Network, server, others.
    NumberMeaning{1040, ErrorKind::kTransient, kHintNetwork},  // CON_COUNT
    NumberMeaning{1053, ErrorKind::kTransient, kHintNetwork},  // SERVER_SHUTDOWN
    NumberMeaning{1203, ErrorKind::kTransient, kHintNetwork},  // TOO_MANY_USER_CONNECTIONS
    NumberMeaning{1226, ErrorKind::kTransient, kHintNetwork},  // USER_LIMIT_REACHED
    NumberMeaning{1205, ErrorKind::kTransient, kHintBusy},     // LOCK_WAIT_TIMEOUT
    NumberMeaning{1213, ErrorKind::kTransient, kHintBusy},     // LOCK_DEADLOCK
    NumberMeaning{1412, ErrorKind::kTransient, kHintBusy},     // TABLE_DEF_CHANGED
    NumberMeaning{1317, ErrorKind::kTransient, kHintBusy},     // QUERY_INTERRUPTED
    NumberMeaning{1927, ErrorKind::kTransient, kHintNetwork},  // CONNECTION_KILLED
    NumberMeaning{2002, ErrorKind::kTransient, kHintNetwork},  // CONNECTION_ERROR
    NumberMeaning{2003, ErrorKind::kTransient, kHintNetwork},  // CONN_HOST_ERROR
    NumberMeaning{2005, ErrorKind::kTransient, kHintNetwork},  // UNKNOWN_HOST
    NumberMeaning{2006, ErrorKind::kTransient, kHintNetwork},  // SERVER_GONE_ERROR
    NumberMeaning{2012, ErrorKind::kTransient, kHintNetwork},  // SERVER_HANDSHAKE_ERR
    NumberMeaning{2013, ErrorKind::kTransient, kHintNetwork},  // SERVER_LOST
    NumberMeaning{2055, ErrorKind::kTransient, kHintNetwork},  // SERVER_LOST_EXTENDED
    NumberMeaning{2026, ErrorKind::kPermanent, kHintTls},      // SSL_CONNECTION_ERROR
    NumberMeaning{3159, ErrorKind::kPermanent, kHintTls},      // SECURE_TRANSPORT_REQUIRED
};

// What mariadb-dump says in words alone.
constexpr std::array kPhrases = {
    Meaning{"insufficient privileges", ErrorKind::kAuth, kHintRights},
};

int NumberAtBeginOf(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Values, and the text in which an error of syntax is, are not repeated.
std::string_view WithoutData(std::string_view line) {
  for (const std::string_view begin : {" near '", " entry '", " value: '"}) {
    if (const size_t at = line.find(begin); at != std::string_view::npos) return line.substr(0, at + begin.size() - 2);
  }
  return line;
}

// Each line that says what is wrong, without who says it.
void ForEachError(std::string_view said, const std::function<void(std::string_view line)>& work) {
  ForEachLine(said, [&](std::string_view line) {
    const bool is_tools = TakePrefix(line, "mariadb-dump: ") || TakePrefix(line, "mysqldump: ") ||
                          TakePrefix(line, "mariadb: ") || TakePrefix(line, "mysql: ");
    if (is_tools || line.starts_with("ERROR ")) work(line);
  });
}

}  // namespace

int MariadbErrorNumber(std::string_view line) {
  // "ERROR 1049 (42000) at line 1: ...", "Got error: 1045: ...", "Error 2013: Lost connection ...".
  for (const std::string_view begin : {"ERROR ", "Got error: ", "Error ", "Error: "}) {
    if (TakePrefix(line, begin)) return NumberAtBeginOf(line);
  }
  // "Couldn't execute '...': SHOW VIEW command denied to user ... (1142)"
  const size_t at = line.rfind('(');
  if (at == std::string_view::npos || !line.ends_with(')')) return 0;
  return NumberAtBeginOf(line.substr(at + 1));
}

std::string MariadbErrorText(std::string_view said) {
  std::string text;
  ForEachError(said, [&](std::string_view line) { AppendClause(text, WithoutData(line)); });
  return text;
}

Error MariadbError(const io::ProcessEnd& end, std::string_view tool, std::string_view database) {
  if (end.signal != 0) {
    return {ErrorKind::kTransient, fmt::format("{}: {} was {}", database, tool, end.Describe()),
            "look whether the machine ran out of memory, or somebody ended it"};
  }
  const std::string text = MariadbErrorText(end.errors);
  const std::string message = fmt::format(
      "{}: {}", database,
      text.empty() ? fmt::format("{} ended with {}", tool, end.Describe()) : ToValidUtf8(text, kToolMessageLimit));
  int number = 0;
  ForEachError(end.errors, [&](std::string_view line) {
    if (number == 0) number = MariadbErrorNumber(line);
  });
  const auto* meaning = std::ranges::find(kMeanings, number, &NumberMeaning::number);
  if (meaning != kMeanings.end()) return {meaning->kind, message, std::string(meaning->hint)};
  if (const Meaning* phrase = FindMeaning(kPhrases, AsciiLower(text)); phrase != nullptr) {
    return {phrase->kind, message, std::string(phrase->hint)};
  }
  return {ErrorKind::kPermanent, message};
}

}  // namespace cofre::sources
