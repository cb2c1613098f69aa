#pragma once

// What PostgreSQL's tools say when something is wrong, and what it means.

#include <string>
#include <string_view>

#include "base/error.h"
#include "io/child_process.h"

namespace cofre::sources {

// The error lines of psql, pg_dump or pg_restore without their prefixes, joined by "; ". Warnings, hints and the
// statement that failed, which may hold a company's data, are left out.
std::string PostgresqlErrorText(std::string_view said);

// The error for a tool that did not end well, about `database`.
Error PostgresqlError(const io::ProcessEnd& end, std::string_view tool, std::string_view database);

// The whole number behind a phrase, as in "(PostgreSQL) 15.20"; 0 where there is none.
int MajorVersionAfter(std::string_view text, std::string_view before);

// What to do where the tools are older than a server of this version.
std::string ClientHint(int major);

}  // namespace cofre::sources
