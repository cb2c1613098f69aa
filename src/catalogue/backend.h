#pragma once

// The database engine below the catalogue: an SQLite file, or a PostgreSQL database that many nodes share. What the two
// do in different ways is a function of this file; backend.cc chooses between sqlite_backend.h and
// postgresql_backend.h.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace soci {
class session;
class soci_error;
}  // namespace soci

namespace cofre::catalogue {

// Opens `url`, with foreign keys checked and every commit on disk before it returns: a path or "sqlite:PATH", or
// "postgresql://USER@HOST:PORT/DATABASE" (libpq's URI, whose parameters it may have). A missing file is made (empty,
// mode 0640) if `may_create`, else it is kind not_found; a PostgreSQL database must be there.
std::unique_ptr<soci::session> Connect(const std::string& url, bool may_create);

// Starts a transaction that will write: waits here for other writers, so that nothing in it can find itself too late.
void BeginWrite(soci::session& session);

// Starts a transaction that sees one moment and will not write: nobody waits for it.
void BeginRead(soci::session& session);

struct Column {
  std::string name;
  bool is_text = false;  // else a number, or NULL
};
std::vector<Column> ColumnsOf(soci::session& session, const std::string& table);
std::vector<std::string> TablesOf(soci::session& session);

bool HasTable(soci::session& session, const std::string& name);
bool HasAnyTable(soci::session& session);

// Tells whoever listens, when the transaction commits, that there is something to look at; nobody listens to a file.
void Announce(soci::session& session);

// The server's clock, which all nodes share, in nanoseconds since 1970 in UTC; 0: the machine's own is meant.
int64_t ServerTime(soci::session& session);

// A statement of a migration as this engine wants it.
std::string OwnDialect(soci::session& session, const std::string& statement);

// What the engine's error means for Cofre; `name` is the catalogue's. No values that were bound are in it.
Error Translate(const soci::soci_error& error, const std::string& name);

// The connection is no more: what was not committed is lost, and another one may work.
bool IsConnectionLost(const soci::soci_error& error);

}  // namespace cofre::catalogue
