#pragma once

// What MariaDB's tools say when something is wrong, and what it means.

#include <string>
#include <string_view>

#include "base/error.h"
#include "io/child_process.h"

namespace cofre::sources {

// The error lines of mariadb or mariadb-dump without their prefixes, joined by "; ". The statement that failed, and
// what of it a message repeats, are left out: they may hold a company's data.
std::string MariadbErrorText(std::string_view said);

// The server's or the client library's number of an error, which is the same in every language; 0 where there is none.
int MariadbErrorNumber(std::string_view line);

// The error for a tool that did not end well, about `database`.
Error MariadbError(const io::ProcessEnd& end, std::string_view tool, std::string_view database);

}  // namespace cofre::sources
