#pragma once

// SQLite below the catalogue: a file, its write-ahead log, one writer at a time. See backend.h, which calls these.

#include <memory>
#include <string>

#include "base/error.h"

namespace soci {
class session;
class sqlite3_soci_error;
}  // namespace soci

namespace cofre::catalogue::sqlite {

std::unique_ptr<soci::session> Connect(const std::string& url, bool may_create);
void BeginWrite(soci::session& session);
bool HasTable(soci::session& session, const std::string& name);
bool HasAnyTable(soci::session& session);
Error Translate(const soci::sqlite3_soci_error& error, const std::string& message);

}  // namespace cofre::catalogue::sqlite
