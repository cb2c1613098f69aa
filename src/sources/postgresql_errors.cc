#include "sources/postgresql_errors.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "base/text.h"
#include "base/utf8.h"
#include "sources/tool_errors.h"

namespace cofre::sources {
namespace {

constexpr std::string_view kHintAuth =
    "check the server's user and password file, and that its pg_hba.conf lets him in";
constexpr std::string_view kHintRights =
    "let the user read all of the database (GRANT pg_read_all_data TO ..., or its owner); for a restore he needs "
    "CREATEDB";
constexpr std::string_view kHintMissing = "check the database's name";
constexpr std::string_view kHintNetwork = "check that the server runs, and its host, port and network";
constexpr std::string_view kHintBusy = "somebody holds it: it is tried again";
constexpr std::string_view kHintDump = "this is no whole archive of pg_dump; restore another one";
constexpr std::string_view kHintDamage = "look at it with pg_amcheck; restore its last good backup under another name";
constexpr std::string_view kHintRoles =
    "make the roles first, or restore to a file and give that to pg_restore --no-owner --no-privileges";
constexpr std::string_view kHintDisk = "free some space";
constexpr std::string_view kHintNewer = "install a newer postgresql-client";

// The first phrase that is found decides; every name counts as "". Servers speak the language that their lc_messages
// says: English and Spanish.
constexpr std::array kMeanings = {
    Meaning{"server version mismatch", ErrorKind::kUsage, kHintNewer},
    Meaning{"unsupported version", ErrorKind::kUsage, kHintNewer},
    // Signing in.
    Meaning{"authentication failed", ErrorKind::kAuth, kHintAuth},
    Meaning{"autentificaci", ErrorKind::kAuth, kHintAuth},
    Meaning{"no password supplied", ErrorKind::kAuth, kHintAuth},
    Meaning{"pg_hba.conf", ErrorKind::kAuth, kHintAuth},
    Meaning{"fatal:  role \"\" does not exist", ErrorKind::kAuth, kHintAuth},
    Meaning{"fatal:  no existe el rol", ErrorKind::kAuth, kHintAuth},
    Meaning{"not permitted to log in", ErrorKind::kAuth, kHintAuth},
    Meaning{"permission denied", ErrorKind::kAuth, kHintRights},
    Meaning{"permiso denegado", ErrorKind::kAuth, kHintRights},
    Meaning{"row-level security", ErrorKind::kAuth, kHintRights},
    // The database.
    Meaning{"database \"\" does not exist", ErrorKind::kNotFound, kHintMissing},
    Meaning{"no existe la base de datos", ErrorKind::kNotFound, kHintMissing},
    Meaning{"database \"\" already exists", ErrorKind::kUsage, "name a database that does not exist"},
    Meaning{"base de datos \"\" ya existe", ErrorKind::kUsage, "name a database that does not exist"},
    // A restore's own troubles.
    Meaning{"valid archive", ErrorKind::kCorrupt, kHintDump},
    Meaning{"magic string in file header", ErrorKind::kCorrupt, kHintDump},
    Meaning{"could not read from input file", ErrorKind::kCorrupt, kHintDump},
    Meaning{"input file", ErrorKind::kCorrupt, kHintDump},
    Meaning{"unexpected end of file", ErrorKind::kCorrupt, kHintDump},
    Meaning{"role \"\" does not exist", ErrorKind::kPermanent, kHintRoles},
    Meaning{"no existe el rol", ErrorKind::kPermanent, kHintRoles},
    Meaning{"must be member of role", ErrorKind::kPermanent, kHintRoles},
    Meaning{"must be able to set role", ErrorKind::kPermanent, kHintRoles},
    Meaning{"extension \"\" is not available", ErrorKind::kPermanent, "install that extension on the server"},
    Meaning{"no space left", ErrorKind::kPermanent, kHintDisk},
    // Damage.
    Meaning{"invalid page in block", ErrorKind::kCorrupt, kHintDamage},
    Meaning{"could not read block", ErrorKind::kCorrupt, kHintDamage},
    Meaning{"missing chunk number", ErrorKind::kCorrupt, kHintDamage},
    Meaning{"unexpected chunk", ErrorKind::kCorrupt, kHintDamage},
    // Network, server, others.
    Meaning{"terminating connection", ErrorKind::kTransient, kHintNetwork},
    Meaning{"terminando la conexi", ErrorKind::kTransient, kHintNetwork},
    Meaning{"closed the connection", ErrorKind::kTransient, kHintNetwork},
    Meaning{"the database system is", ErrorKind::kTransient, kHintNetwork},
    Meaning{"el sistema de base de datos est", ErrorKind::kTransient, kHintNetwork},
    Meaning{"too many", ErrorKind::kTransient, kHintNetwork},
    Meaning{"demasiad", ErrorKind::kTransient, kHintNetwork},
    Meaning{"connection slots", ErrorKind::kTransient, kHintNetwork},
    Meaning{"could not translate host name", ErrorKind::kTransient, kHintNetwork},
    Meaning{"connection refused", ErrorKind::kTransient, kHintNetwork},
    Meaning{"timeout expired", ErrorKind::kTransient, kHintNetwork},
    Meaning{"timed out", ErrorKind::kTransient, kHintNetwork},
    Meaning{"unreachable", ErrorKind::kTransient, kHintNetwork},
    Meaning{"no route to host", ErrorKind::kTransient, kHintNetwork},
    Meaning{"connection reset", ErrorKind::kTransient, kHintNetwork},
    Meaning{"on socket \"\" failed", ErrorKind::kTransient, kHintNetwork},
    Meaning{"accessed by other users", ErrorKind::kTransient, kHintBusy},
    Meaning{"lock timeout", ErrorKind::kTransient, kHintBusy},
    Meaning{"deadlock", ErrorKind::kTransient, kHintBusy},
    Meaning{"canceling statement", ErrorKind::kTransient, kHintBusy},
};

// Up to the end of a line's prefix: "psql:<stdin>:1: ERROR:" stays "ERROR:", "pg_dump: error: x" becomes "x".
std::string_view WithoutPrefix(std::string_view line) {
  if (line.starts_with("psql:<stdin>:")) {
    const size_t end = line.find(": ");
    return end == std::string_view::npos ? line : line.substr(end + 2);
  }
  for (const std::string_view tool : {"psql: ", "pg_dump: ", "pg_restore: "}) {
    if (!TakePrefix(line, tool)) continue;
    if (!TakePrefix(line, "error: ")) TakePrefix(line, "detail: ");
    break;
  }
  return line;
}

bool SaysLittle(std::string_view line) {
  for (const std::string_view word : {": warning: ", ": hint: ", "NOTICE:", "HINT:", "LINE "}) {
    if (line.find(word) != std::string_view::npos) return true;
  }
  return line.empty() || line.starts_with("Is the server running") || line == "^";
}

// A database may be called anything, also "timeout expired": names count as "".
std::string WithoutNames(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const bool plain = text.front() == '"';
    const std::string_view opening = plain ? "\"" : "«";
    const std::string_view closing = plain ? "\"" : "»";
    const size_t end = text.starts_with(opening) ? text.find(closing, opening.size()) : std::string_view::npos;
    if (end == std::string_view::npos) {
      result += text.front();
      text.remove_prefix(1);
    } else {
      result += "\"\"";
      text.remove_prefix(end + closing.size());
    }
  }
  return result;
}

// From "server version: 16.1 (Debian ...); pg_dump version: 15.20".
std::string HintForVersion(std::string_view text) {
  const int major = MajorVersionAfter(text, "server version: ");
  return major == 0 ? std::string(kHintNewer) : ClientHint(major);
}

}  // namespace

std::string PostgresqlErrorText(std::string_view said) {
  std::string text;
  bool is_statement = false;  // what follows is one, of any number of lines
  ForEachLine(said, [&](std::string_view line) {
    is_statement = is_statement || line.starts_with("Command was:");
    if (!is_statement && !SaysLittle(line)) AppendClause(text, WithoutPrefix(line));
  });
  return text;
}

int MajorVersionAfter(std::string_view text, std::string_view before) {
  const size_t at = text.find(before);
  int major = 0;
  if (at != std::string_view::npos) {
    const std::string_view rest = text.substr(at + before.size());
    std::from_chars(rest.data(), rest.data() + rest.size(), major);
  }
  return major;
}

std::string ClientHint(int major) { return fmt::format("install postgresql-client-{}", major); }

Error PostgresqlError(const io::ProcessEnd& end, std::string_view tool, std::string_view database) {
  if (end.signal != 0) {
    return {ErrorKind::kTransient, fmt::format("{}: {} was {}", database, tool, end.Describe()),
            "look whether the machine ran out of memory, or somebody ended it"};
  }
  const std::string text = PostgresqlErrorText(end.errors);
  const std::string message = fmt::format(
      "{}: {}", database,
      text.empty() ? fmt::format("{} ended with {}", tool, end.Describe()) : ToValidUtf8(text, kToolMessageLimit));
  const Meaning* meaning = FindMeaning(kMeanings, WithoutNames(AsciiLower(text)));
  if (meaning == nullptr) return {ErrorKind::kPermanent, message};
  const bool is_version = meaning->phrase == "server version mismatch";
  return {meaning->kind, message, is_version ? HintForVersion(text) : std::string(meaning->hint)};
}

}  // namespace cofre::sources
