#pragma once

// The part of the catalogue about who may use the API: users, sessions, tokens, and the log of what was changed.
// Threads, blocking, durability and errors as for the rest of it (catalogue.h); a Transaction holds both.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "model/account.h"
#include "model/link.h"

namespace cofre::catalogue {

// Empty means any.
struct AuditFilter {
  std::string user;
  std::string subject;
  std::string action;  // or the beginning of one: "company."
  std::optional<TimePoint> since;
  std::optional<int64_t> before;  // older than this entry
};

// An authenticator of a user's. Without `confirmed` it is only proposed.
struct SecondFactor {
  std::string sealed;  // its secret; see api/sealed_text.h
  std::optional<TimePoint> confirmed;
  int64_t last_step = 0;  // the newest that was used
};

class Accounts {
 public:
  // `catalogue` outlives it.
  explicit Accounts(Catalogue& catalogue) : catalogue_(catalogue) {}

  // The companies of a company user need not be registered (yet). Add: kind usage where it exists. Others: not_found
  // where it is missing. A change or removal that would leave no enabled administrator is kind usage.
  void AddUser(const User& user);
  User GetUser(const std::string& name);
  std::optional<User> FindUser(const std::string& name);
  std::vector<User> ListUsers();             // by name
  void UpdateUser(const User& user);         // all but created, signed_in and second_factor
  void RemoveUser(const std::string& name);  // and its sessions and tokens
  void MarkSignedIn(const std::string& name, TimePoint at);

  std::optional<SecondFactor> FindSecondFactor(const std::string& user);
  // In the place of one that is proposed. Kind usage where one is confirmed.
  void ProposeSecondFactor(const std::string& user, const std::string& sealed);
  // From now on it is asked for. `recovery` are the hashes of codes that stand for it, once each.
  void ConfirmSecondFactor(const std::string& user, TimePoint at, const std::vector<std::string>& recovery);
  // False where that step, or a later one, was used already.
  bool UseStep(const std::string& user, int64_t step);
  bool UseRecoveryCode(const std::string& user, const std::string& hash);  // false where there is none
  bool RemoveSecondFactor(const std::string& user);                        // false where there is none

  void AddSession(const SignedSession& session);
  std::optional<SignedSession> FindSession(const std::string& hash);
  std::vector<SignedSession> ListSessions(const std::string& user);  // newest first
  void MarkSessionUsed(const std::string& hash, TimePoint at);
  void RemoveSession(const std::string& hash);  // none may be there
  // All of a user's, but for the one of that hash, if any.
  void RemoveSessions(const std::string& user, const std::string& except_hash = "");
  // Those that are over, or were last used before `unused_since`.
  void RemoveOldSessions(TimePoint now, TimePoint unused_since);

  int64_t AddToken(const ApiToken& token);  // returns its id
  std::optional<ApiToken> FindToken(const std::string& hash);
  ApiToken GetToken(int64_t id);
  std::vector<ApiToken> ListTokens(const std::string& user = "");  // newest first; "" of all users
  void MarkTokenUsed(int64_t id, TimePoint at);
  void RevokeToken(int64_t id, TimePoint at);

  int64_t AddAudit(const AuditEntry& entry);                                   // its id is given here
  std::vector<AuditEntry> ListAudit(const AuditFilter& filter, size_t limit);  // newest first

  // Links by which a backup is downloaded without signing in (model/link.h).
  int64_t AddLink(const DownloadLink& link);  // returns its id
  std::optional<DownloadLink> FindLink(const std::string& hash);
  DownloadLink GetLink(int64_t id);
  std::vector<DownloadLink> ListLinks(const std::string& company = "");  // newest first; "": of all
  // Those with an e-mail that this user has made since then.
  size_t CountMailedLinks(const std::string& user, TimePoint since);
  // Counts a use; false where the link is of none (any more). Of two who come at once for the last one, one gets it.
  bool UseLink(int64_t id, TimePoint now);
  void GiveBackLinkUse(int64_t id);  // nothing was sent for one that was counted
  void RevokeLink(int64_t id, TimePoint at);
  void MarkLinkMail(int64_t id, const std::string& state, const std::string& problem);
  void FailPendingLinkMails(const std::string& problem);  // whose sending no process remembers
  void RemoveLinksExpiredBefore(TimePoint time);

  // The jobs that this user's key has started, if any. Throws usage where the key stood for another request.
  std::optional<std::vector<int64_t>> FindRequest(const std::string& user, const std::string& key,
                                                  const std::string& request);
  void AddRequest(const std::string& user, const std::string& key, const std::string& request,
                  const std::vector<int64_t>& jobs, TimePoint at);
  void RemoveOldRequests(TimePoint before);

 private:
  Catalogue& catalogue_;
};

}  // namespace cofre::catalogue
