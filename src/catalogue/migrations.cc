#include "catalogue/migrations.h"

#include <fmt/format.h>
#include <soci/soci.h>

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "catalogue/backend.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kVersionTable = "schema_versions";

// `newest`: the last version that this program knows.
void RequireUsable(soci::session& session, int version, int newest, const std::string& name) {
  if (version <= newest) return;
  int oldest = 0;
  session << "SELECT MAX(COALESCE(works_with, version)) FROM schema_versions WHERE version > :newest",
      soci::use(newest, "newest"), soci::into(oldest);
  if (oldest <= newest) return;
  throw Error(ErrorKind::kPermanent,
              fmt::format("the catalogue {} has version {}, this cofre knows those up to {}", name, version, newest),
              "a newer cofre has been here: install that version or a later one");
}

void Apply(soci::session& session, const Migration& migration) {
  for (const std::string& statement : SplitStatements(migration.sql)) session << OwnDialect(session, statement);
  session << "INSERT INTO schema_versions (version) VALUES (:version)", soci::use(migration.version, "version");
  const int works_with = WorksWith(migration);
  if (works_with == migration.version) return;
  session << "UPDATE schema_versions SET works_with = :works_with WHERE version = :version",
      soci::use(works_with, "works_with"), soci::use(migration.version, "version");
}

}  // namespace

std::vector<std::string> SplitStatements(std::string_view sql) {
  std::vector<std::string> statements;
  std::string statement;
  while (!sql.empty()) {
    const size_t end = sql.find('\n');
    const std::string_view line = Trimmed(sql.substr(0, end));
    sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 1);
    if (line.empty() || line.starts_with("--")) continue;
    statement += line;
    statement += '\n';
    if (!line.ends_with(';')) continue;
    statements.push_back(std::exchange(statement, ""));
  }
  if (!statement.empty()) statements.push_back(statement);
  return statements;
}

int WorksWith(const Migration& migration) {
  constexpr std::string_view kMark = "-- works with: ";
  const size_t at = migration.sql.find(kMark);
  if (at == std::string_view::npos) return migration.version;
  const std::string_view rest = migration.sql.substr(at + kMark.size());
  return std::stoi(std::string(rest.substr(0, rest.find('\n'))));
}

int ReadSchemaVersion(soci::session& session) {
  if (!HasTable(session, kVersionTable)) return 0;
  int version = 0;
  session << "SELECT COALESCE(MAX(version), 0) FROM schema_versions", soci::into(version);
  return version;
}

void Migrate(soci::session& session, const std::vector<Migration>& migrations, bool may_create,
             const std::string& name) {
  const int newest = migrations.back().version;
  const int found = ReadSchemaVersion(session);
  RequireUsable(session, found, newest, name);
  if (found >= newest) return;
  if (found == 0 && !may_create) {
    throw Error(ErrorKind::kNotFound, fmt::format("{} holds no catalogue", name),
                "cofre init makes a new one, cofre catalogue rebuild makes it from the bucket and the master key");
  }
  BeginWrite(session);
  try {
    // Another process may have been faster.
    const int version = ReadSchemaVersion(session);
    RequireUsable(session, version, newest, name);
    if (version == 0) {
      if (HasAnyTable(session)) {
        throw Error(ErrorKind::kUsage, fmt::format("{} is a database of something else than cofre", name),
                    "name another file in the configuration's catalogo");
      }
      session << "CREATE TABLE schema_versions (version INTEGER NOT NULL PRIMARY KEY)";
    }
    for (const Migration& migration : migrations) {
      if (migration.version > version) Apply(session, migration);
    }
    session.commit();
  } catch (...) {
    session.rollback();
    throw;
  }
}

}  // namespace cofre::catalogue
