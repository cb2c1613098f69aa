#pragma once

// The database engine below the catalogue, named here and nowhere else: SQLite. What PostgreSQL does in another way is
// a function of this file.

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"

namespace soci {
class session;
class soci_error;
}  // namespace soci

namespace cofre::catalogue {

// Opens `url` (a path, or "sqlite:PATH") with foreign keys checked and every commit on disk before it returns. A
// missing file is made (empty, mode 0640) if `may_create`, else it is kind not_found.
std::unique_ptr<soci::session> Connect(const std::string& url, bool may_create);

// Starts a transaction that will write: waits here for other writers, so that nothing in it can find itself too late.
void BeginWrite(soci::session& session);

bool HasTable(soci::session& session, const std::string& name);
bool HasAnyTable(soci::session& session);

// What the engine's error means for Cofre; `name` is the catalogue's. No values that were bound are in it.
Error Translate(const soci::soci_error& error, const std::string& name);

}  // namespace cofre::catalogue
