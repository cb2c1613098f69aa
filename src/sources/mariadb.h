#pragma once

// MariaDB databases through mariadb-dump and mariadb, to and from their standard streams. The password goes to the
// tools by their environment (MYSQL_PWD), never as an argument. MySQL servers are reached through the same tools;
// nobody has tried that.

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "model/company.h"
#include "sources/source.h"

namespace cofre::sources {

struct MariadbTools {
  // Programs; one without '/' is looked for in PATH. They may be newer than a server, not older.
  std::string mariadb_dump = "mariadb-dump";
  std::string mariadb = "mariadb";
  // Theirs, and the only one that they read: for TLS above all ([client] ssl-ca = ...). Empty: none.
  std::string options_file;
};

struct MariadbSettings {
  // host, port and user are used. An empty host means this machine's socket.
  Server server;
  std::string database;  // its name, in UTF-8
  Secret password;       // empty: none is given
  MariadbTools tools;
  Limits limits;
};

// Throws kind usage for what is no name of a database: empty, not UTF-8, with control characters or a blank at its end,
// or longer than 64 characters.
void RequireMariadbName(const std::string& name);

// `clock` outlives the source. The dump's stream is SQL text, the same for an unchanged database, of one moment for
// tables of InnoDB (docs/decisions/0171). It does not name its database, and begins with that one's own character set.
// A user who cannot see all of the database gives no dump (kind auth), nor do tools older than the server (kind usage).
// Restore's target is the name of a new database on the server. An existing one is refused even with `replace`, as a
// Firebird server's is (docs/decisions/0042).
std::unique_ptr<Source> MakeMariadbSource(MariadbSettings settings, Clock& clock);

}  // namespace cofre::sources
