#pragma once

// What a value must be like before anything keeps it or acts on it: the last line behind the parsers, for values that
// came from somewhere else (a rebuild from a bucket, the API). Each throws kind usage, naming the field and the value.

#include <string_view>

#include "model/backup.h"
#include "model/company.h"

namespace cofre {

// Text of one line: UTF-8, no control characters, at most 1024 bytes. `field` is for the message: "the name".
void RequireValidText(std::string_view field, std::string_view text);

void RequireValid(const Server& server);
// Whether the time zone exists is not looked at here (planner/local_time.h), only that it could.
void RequireValid(const Company& company);
void RequireValid(const Database& database);
// Whether databases of the server can be read that way. Throws kind usage with what could be.
void RequireMethod(const Server& server, DumpMethod method);
void RequireValid(const Backup& backup);
void RequireValid(const Job& job);

}  // namespace cofre
