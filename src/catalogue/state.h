#pragma once

// What stands behind a Catalogue: its one connection and who may use it. Private to this folder.

#include <soci/soci.h>

#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include "catalogue/backend.h"
#include "catalogue/catalogue.h"
#include "catalogue/statement.h"

namespace cofre::catalogue {

struct Catalogue::State {
  std::string name;
  std::unique_ptr<soci::session> session;
  // Held for one statement, or by a Transaction for its whole life. Recursive: a thread inside its transaction goes on.
  std::recursive_mutex mutex;
  int depth = 0;          // transactions open, one inside the other
  bool given_up = false;  // one of the inner ones was

  // Calls `use(session)` under the mutex; the engine's errors become ours.
  template <typename Use>
  auto With(Use&& use) {
    const std::lock_guard lock(mutex);
    try {
      return use(*session);
    } catch (const soci::soci_error& error) {
      throw Translate(error, name);
    }
  }

  // The same within a transaction of its own, or the one that is open.
  template <typename Use>
  auto Write(Catalogue& catalogue, Use&& use) {
    Transaction transaction(catalogue);
    if constexpr (std::is_void_v<decltype(use(*session))>) {
      With(std::forward<Use>(use));
      transaction.Commit();
    } else {
      auto result = With(std::forward<Use>(use));
      transaction.Commit();
      return result;
    }
  }
};

// For each kind of thing: kind not_found with the list command as the hint.
void RequireServer(soci::session& session, const std::string& name);
void RequireCompany(soci::session& session, const std::string& id);
Database RequireDatabase(soci::session& session, const std::string& company, int fiscal_year);

// How many rows a condition matches: `sql` is "SELECT COUNT(*) FROM ... WHERE column = :key".
int64_t Count(soci::session& session, const char* sql, const std::string& key);

}  // namespace cofre::catalogue
