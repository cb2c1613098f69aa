#pragma once

// PostgreSQL databases through pg_dump and pg_restore, to and from their standard streams. The password goes to the
// tools by their environment (PGPASSWORD), never as an argument; ~/.pgpass and PGSSLMODE count as for them.

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "model/company.h"
#include "sources/source.h"

namespace cofre::sources {

// Programs; one without '/' is looked for in PATH. They may be newer than a server, not older.
struct PostgresqlTools {
  std::string pg_dump = "pg_dump";
  std::string pg_restore = "pg_restore";
  std::string psql = "psql";
};

struct PostgresqlSettings {
  // host, port and user are used. An empty host means this machine's socket, by which the server knows who asks.
  Server server;
  std::string database;  // its name, in UTF-8
  Secret password;       // empty: none is given
  PostgresqlTools tools;
  Limits limits;
};

// Throws kind usage for what is no name of a database: empty, not UTF-8, with control characters, or longer than the 63
// bytes of which PostgreSQL takes note.
void RequireDatabaseName(const std::string& name);

// `clock` outlives the source. The dump's stream is an archive of pg_dump's own format, not compressed, which any
// pg_restore of that version or a later one reads (docs/decisions/0170). Restore's target is the name of a new
// database on the server: the roles that own things in it must be there. An existing one is refused even with
// `replace`, as a Firebird server's is (docs/decisions/0042).
std::unique_ptr<Source> MakePostgresqlSource(PostgresqlSettings settings, Clock& clock);

}  // namespace cofre::sources
