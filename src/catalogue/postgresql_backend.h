#pragma once

// PostgreSQL below the catalogue: one database that every node has open. See backend.h, which calls these.
//
// Writers take turns, as with SQLite: a transaction that writes begins with an advisory lock, so that what it has
// looked at stays true until it commits, whichever node it runs on (docs/decisions/0190). Readers never wait. A node
// that hangs in the middle of a transaction is cut off by the server after kLongestPause.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace soci {
class session;
class postgresql_soci_error;
}  // namespace soci

namespace cofre::catalogue::postgresql {

// The server ends a transaction that says nothing for so long, and its lock with it.
inline constexpr std::chrono::seconds kLongestPause(10);

// Whether a URL names such a catalogue.
bool IsUrl(std::string_view url);

// The URL without its password, for messages.
std::string WithoutPassword(const std::string& url);

// The same with what bounds every wait for a server that does not answer, where the URL does not say it.
std::string WithLimits(const std::string& url);

std::unique_ptr<soci::session> Connect(const std::string& url);
void BeginWrite(soci::session& session);
bool HasTable(soci::session& session, const std::string& name);
bool HasAnyTable(soci::session& session);
void Announce(soci::session& session);
int64_t ServerTime(soci::session& session);
// Text is compared by its bytes, as SQLite does.
std::string OwnDialect(const std::string& statement);
Error Translate(const soci::postgresql_soci_error& error, const std::string& message);
bool IsConnectionLost(const soci::postgresql_soci_error& error);

}  // namespace cofre::catalogue::postgresql
