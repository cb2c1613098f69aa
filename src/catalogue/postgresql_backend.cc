#include "catalogue/postgresql_backend.h"

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <array>
#include <utility>

#include "base/text.h"

namespace cofre::catalogue::postgresql {
namespace {

constexpr std::array<std::string_view, 2> kSchemes{"postgresql://", "postgres://"};

// Of the advisory lock, beside the catalogue's schema; any number that nobody else uses: "cofr".
constexpr int kWriterLock = 0x636f6672;

// For a server that is down, or a connection that was cut without a word.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kLimits{{{"connect_timeout", "5"},
                                                                                {"tcp_user_timeout", "15000"},
                                                                                {"keepalives_idle", "10"},
                                                                                {"keepalives_interval", "5"},
                                                                                {"keepalives_count", "3"},
                                                                                {"application_name", "cofre"}}};

struct Words {
  std::string_view said;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view kHintAuth =
    "look at the user in catalogo, and at its password: in the file that passfile=FILE of the URL names, or PGPASSFILE";
constexpr std::string_view kHintDown = "look whether the PostgreSQL server runs and this machine reaches it";

// libpq says no SQLSTATE of a connection that was refused.
constexpr std::array<Words, 8> kRefusals{{
    {"password authentication failed", ErrorKind::kAuth, kHintAuth},
    {"no password supplied", ErrorKind::kAuth, kHintAuth},
    {"no pg_hba.conf entry", ErrorKind::kAuth, "let this machine in, in the server's pg_hba.conf"},
    {"\" does not exist", ErrorKind::kNotFound, "make it, as in: createdb --owner=cofre cofre"},
    {"invalid URI query parameter", ErrorKind::kUsage, "postgresql://USER@HOST:PORT/DATABASE?passfile=FILE"},
    {"invalid integer value", ErrorKind::kUsage, "postgresql://USER@HOST:PORT/DATABASE?passfile=FILE"},
    {"could not translate host name", ErrorKind::kTransient, "look at the host's name in catalogo, and at DNS"},
    {"too many clients", ErrorKind::kTransient, "raise max_connections of the server: each node takes six"},
}};

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

Error RefusedConnection(const std::string& url, const soci::soci_error& error) {
  std::string said = error.get_error_message();
  // SOCI's own words stand on a line before libpq's.
  if (const size_t end = said.find('\n'); end != std::string::npos) said.erase(0, end + 1);
  const std::string message =
      fmt::format("cannot open the catalogue {}: {}", WithoutPassword(url), Trimmed(FirstLine(said)));
  for (const Words& words : kRefusals) {
    if (said.find(words.said) != std::string::npos) return {words.kind, message, std::string(words.hint)};
  }
  return {ErrorKind::kTransient, message, std::string(kHintDown)};
}

bool HasParameter(const std::string& url, std::string_view name) {
  const size_t begin = url.find('?');
  if (begin == std::string::npos) return false;
  const std::string parameters = "&" + url.substr(begin + 1);
  return parameters.find("&" + std::string(name) + "=") != std::string::npos;
}

int CountTables(soci::session& session, const std::string& condition, const std::string& name) {
  int count = 0;
  session << "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = "
             "'BASE TABLE' AND " +
                 condition,
      soci::use(name, "name"), soci::into(count);
  return count;
}

}  // namespace

bool IsUrl(std::string_view url) { return url.starts_with(kSchemes[0]) || url.starts_with(kSchemes[1]); }

std::string WithoutPassword(const std::string& url) {
  std::string shown = url;
  const size_t begin = shown.find("://") + 3;
  const size_t end = shown.find_first_of("/?", begin);
  // The last '@' before the path: one inside of a password should be escaped, and may not be.
  const size_t at = shown.rfind('@', end == std::string::npos ? end : end - 1);
  if (at != std::string::npos && at >= begin) {
    const size_t colon = shown.find(':', begin);
    if (colon != std::string::npos && colon < at) shown.erase(colon, at - colon);
  }
  for (const std::string_view name : {"?password=", "&password=", "?sslpassword=", "&sslpassword="}) {
    const size_t found = shown.find(name);
    if (found == std::string::npos) continue;
    const size_t value = found + name.size();
    const size_t next = shown.find('&', value);
    shown.replace(value, next == std::string::npos ? next : next - value, "...");
  }
  return shown;
}

std::string WithLimits(const std::string& url) {
  std::string limited = url;
  for (const auto& [name, value] : kLimits) {
    if (HasParameter(limited, name)) continue;
    limited += limited.find('?') == std::string::npos ? '?' : '&';
    limited += fmt::format("{}={}", name, value);
  }
  return limited;
}

std::unique_ptr<soci::session> Connect(const std::string& url) {
  std::unique_ptr<soci::session> session;
  try {
    session = std::make_unique<soci::session>(soci::postgresql, WithLimits(url));
  } catch (const soci::soci_error& error) {
    throw RefusedConnection(url, error);
  }
  try {
    *session << fmt::format("SET idle_in_transaction_session_timeout = '{}s'", kLongestPause.count());
    *session << fmt::format("SET tcp_user_timeout = '{}s'", kLongestPause.count());
    *session << "SET lock_timeout = '30s'";
    *session << "SET client_min_messages = 'warning'";
    // Also where the server is told otherwise: see docs/decisions/0197. What is stricter than "on" stays.
    *session
        << "DO $$ BEGIN IF current_setting('synchronous_commit') = 'off' THEN SET synchronous_commit = on; END IF; "
           "END $$";
  } catch (const soci::postgresql_soci_error& error) {
    throw Translate(error, "the catalogue " + WithoutPassword(url) + ": " + error.get_error_message());
  }
  return session;
}

void BeginWrite(soci::session& session) {
  session.begin();
  try {
    session << fmt::format("SELECT pg_advisory_xact_lock({}, hashtext(current_schema()))", kWriterLock);
  } catch (const soci::soci_error& error) {
    const auto* said = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    if (said == nullptr || !IsConnectionLost(*said)) session.rollback();
    throw;
  }
}

bool HasTable(soci::session& session, const std::string& name) {
  return CountTables(session, "table_name = :name", name) > 0;
}
bool HasAnyTable(soci::session& session) { return CountTables(session, "table_name <> :name", "") > 0; }

void Announce(soci::session& session) { session << "NOTIFY cofre"; }

int64_t ServerTime(soci::session& session) {
  long long microseconds = 0;  // NOLINT(google-runtime-int): what SOCI exchanges
  session << "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", soci::into(microseconds);
  return microseconds * 1000;
}

std::string OwnDialect(const std::string& statement) {
  constexpr std::string_view kText = " TEXT ";
  std::string own = statement;
  for (size_t at = own.find(kText); at != std::string::npos; at = own.find(kText, at + 1)) {
    own.replace(at, kText.size(), " TEXT COLLATE \"C\" ");
  }
  return own;
}

Error Translate(const soci::postgresql_soci_error& error, const std::string& message) {
  const std::string line(Trimmed(FirstLine(message)));
  const std::string state = error.sqlstate();
  if (IsConnectionLost(error)) {
    return {ErrorKind::kTransient, line, std::string(kHintDown) + "; what was not committed is not stored"};
  }
  if (state == "55P03" || state == "57014" || state.starts_with("40")) {
    return {ErrorKind::kTransient, line, "another node is writing to it: try again in a moment"};
  }
  if (state == "53100") {
    return {ErrorKind::kPermanent, line,
            "the server's disk is full: free some space; nothing of this change was stored"};
  }
  if (state.starts_with("53")) return {ErrorKind::kTransient, line, "the server lacks memory or connections"};
  if (state == "25006") {
    return {ErrorKind::kTransient, line,
            "this server is a standby: name the primary, or add target_session_attrs=read-write"};
  }
  if (state == "42501") {
    return {ErrorKind::kPermanent, line, "let the user own the database: ALTER DATABASE cofre OWNER TO cofre"};
  }
  if (state.starts_with("XX") || state.starts_with("58")) {
    return {ErrorKind::kCorrupt, line, "look at the server's log"};
  }
  return {ErrorKind::kPermanent, line};
}

bool IsConnectionLost(const soci::postgresql_soci_error& error) {
  const std::string state = error.sqlstate();
  // Blank: libpq itself, whose only errors in the middle of a connection are of the connection.
  return state.starts_with("08") || state.starts_with("57P") || state == "25P03" || Trimmed(state).empty();
}

}  // namespace cofre::catalogue::postgresql
