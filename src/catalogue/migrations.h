#pragma once

// The steps that bring a catalogue from one version to the next: migrations/NNNN_subject.sql, compiled in. A step that
// was released never changes; a change of the schema is a new step. Nodes of a fleet are upgraded one by one, so a step
// says in a line of its own, "-- works with: N", that programs that know the steps up to N may use the catalogue after
// it. Such a step only adds: tables, indexes, and columns that may be left out (docs/decisions/0196).

#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
}

namespace cofre::catalogue {

struct Migration {
  int version = 0;  // 1, 2, 3, ... without gaps
  std::string_view sql;
};

// Ascending.
const std::vector<Migration>& AllMigrations();

// The oldest version whose programs work with the catalogue after this step: its own unless it says so.
int WorksWith(const Migration& migration);

// The single statements of a migration: each ends with ';' at the end of a line.
std::vector<std::string> SplitStatements(std::string_view sql);

// Brings the catalogue up to the last of `migrations`, each step whole or not at all; waits for another process that
// does the same. An empty database is made into a catalogue only if `may_create`, else kind not_found. A newer
// catalogue stays as it is where each of its further steps works with this program; else kind permanent. Usage for a
// database that is none of ours. `name` is for messages.
void Migrate(soci::session& session, const std::vector<Migration>& migrations, bool may_create,
             const std::string& name);

// 0 where the database has no catalogue.
int ReadSchemaVersion(soci::session& session);

}  // namespace cofre::catalogue
