#pragma once

// What a user must be allowed to see so that a dump holds all of a database. mariadb-dump leaves out without a word
// what it is not shown: tables, triggers, routines.

#include <string>
#include <string_view>

namespace cofre::sources {

// From what SHOW GRANTS gives, one grant a line, those of enabled roles among them: the rights on `database` that are
// missing, as GRANT names them, with commas between; empty where all are there. "SELECT ON mysql.proc" stands for
// seeing routines.
std::string MissingMariadbRights(std::string_view grants, std::string_view database);

}  // namespace cofre::sources
