#include "catalogue/backend.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "catalogue/postgresql_backend.h"
#include "catalogue/sqlite_backend.h"
#include "catalogue/statement.h"

namespace cofre::catalogue {
namespace {

bool IsPostgresql(soci::session& session) { return session.get_backend_name() == "postgresql"; }

}  // namespace

std::unique_ptr<soci::session> Connect(const std::string& url, bool may_create) {
  return postgresql::IsUrl(url) ? postgresql::Connect(url) : sqlite::Connect(url, may_create);
}

void BeginWrite(soci::session& session) {
  IsPostgresql(session) ? postgresql::BeginWrite(session) : sqlite::BeginWrite(session);
}

void BeginRead(soci::session& session) {
  session << (IsPostgresql(session) ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
}

std::vector<Column> ColumnsOf(soci::session& session, const std::string& table) {
  const char* const sql = IsPostgresql(session)
                              ? "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM "
                                "information_schema.columns WHERE table_schema = current_schema() AND table_name = "
                                ":name ORDER BY ordinal_position"
                              : "SELECT name, lower(type) FROM pragma_table_info(:name)";
  Statement statement(session, sql);
  statement.Bind("name", table).TextColumn().TextColumn();
  std::vector<Column> columns;
  while (statement.Fetch()) {
    Column& column = columns.emplace_back();
    column.name = statement.Text();
    column.is_text = statement.Text() == "text";
  }
  return columns;
}

std::vector<std::string> TablesOf(soci::session& session) {
  Statement statement(session,
                      IsPostgresql(session)
                          ? "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema "
                            "= current_schema() AND table_type = 'BASE TABLE' ORDER BY 1"
                          : "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1");
  statement.TextColumn();
  std::vector<std::string> tables;
  while (statement.Fetch()) tables.push_back(statement.Text());
  return tables;
}

bool HasTable(soci::session& session, const std::string& name) {
  return IsPostgresql(session) ? postgresql::HasTable(session, name) : sqlite::HasTable(session, name);
}

bool HasAnyTable(soci::session& session) {
  return IsPostgresql(session) ? postgresql::HasAnyTable(session) : sqlite::HasAnyTable(session);
}

void Announce(soci::session& session) {
  if (IsPostgresql(session)) postgresql::Announce(session);
}

int64_t ServerTime(soci::session& session) { return IsPostgresql(session) ? postgresql::ServerTime(session) : 0; }

std::string OwnDialect(soci::session& session, const std::string& statement) {
  return IsPostgresql(session) ? postgresql::OwnDialect(statement) : statement;
}

Error Translate(const soci::soci_error& error, const std::string& name) {
  const std::string message = "the catalogue " + name + ": " + error.get_error_message();
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return sqlite::Translate(*sqlite, message);
  }
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    return postgresql::Translate(*postgresql, message);
  }
  return {ErrorKind::kPermanent, message};
}

bool IsConnectionLost(const soci::soci_error& error) {
  const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  return postgresql != nullptr && postgresql::IsConnectionLost(*postgresql);
}

}  // namespace cofre::catalogue
