#pragma once

// What stands behind a Catalogue: its one connection and who may use it. Private to this folder.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "catalogue/backend.h"
#include "catalogue/catalogue.h"
#include "catalogue/statement.h"

namespace cofre::catalogue {

struct Catalogue::State {
  State(std::string url, std::unique_ptr<soci::session> opened);
  ~State();

  // Calls `use` under the mutex; the engine's errors become ours. Where the connection turns out to be lost and no
  // transaction is open, another one is made and `use` called once more: all that it can have done is to read.
  void Run(const std::function<void(soci::session&)>& use);

  // The same with a result.
  template <typename Use>
  auto With(const Use& use) {
    std::optional<std::invoke_result_t<Use, soci::session&>> result;
    Run([&](soci::session& session) { result = use(session); });
    return *std::move(result);
  }

  // The same within a transaction of its own, or the one that is open.
  template <typename Use>
  auto Write(Catalogue& catalogue, const Use& use) {
    Transaction transaction(catalogue);
    if constexpr (std::is_void_v<std::invoke_result_t<Use, soci::session&>>) {
      Run(use);
      transaction.Commit();
    } else {
      auto result = With(use);
      transaction.Commit();
      return result;
    }
  }

  const std::string name;  // for messages: without a password
  // Held for one statement, or by a Transaction for its whole life. Recursive: a thread inside its transaction goes on.
  std::recursive_mutex mutex;
  int depth = 0;          // transactions open, one inside the other
  bool given_up = false;  // one of the inner ones was

 private:
  friend class Transaction;
  // One try of Run; false where the connection is lost and another one may do better.
  bool TryRun(const std::function<void(soci::session&)>& use);

  const std::string url_;
  std::unique_ptr<soci::session> connection_;  // null while it is lost
};

// For each kind of thing: kind not_found, with the command that lists them as the hint.
void RequireServer(soci::session& session, const std::string& name);
void RequireCompany(soci::session& session, const std::string& id);
Database RequireDatabase(soci::session& session, const std::string& company, int fiscal_year);

// To be called for each change that Catalogue::ListCompanyChanges tells of.
void NoteChange(soci::session& session, const std::string& company);

// The number that "SELECT ... WHERE column = :key" gives.
int64_t Count(soci::session& session, const char* sql, const std::string& key);

}  // namespace cofre::catalogue
