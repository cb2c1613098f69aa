#include "catalogue/backend.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "catalogue/postgresql_backend.h"
#include "catalogue/sqlite_backend.h"

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

bool HasTable(soci::session& session, const std::string& name) {
  return IsPostgresql(session) ? postgresql::HasTable(session, name) : sqlite::HasTable(session, name);
}

bool HasAnyTable(soci::session& session) {
  return IsPostgresql(session) ? postgresql::HasAnyTable(session) : sqlite::HasAnyTable(session);
}

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
