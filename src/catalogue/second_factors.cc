#include "base/error.h"
#include "base/text.h"
#include "catalogue/account_rows.h"
#include "catalogue/accounts.h"
#include "catalogue/job_rows.h"

namespace cofre::catalogue {
namespace {

void Remove(soci::session& session, const std::string& user) {
  for (const char* sql :
       {"DELETE FROM recovery_codes WHERE user_name = :name", "DELETE FROM second_factors WHERE user_name = :name"}) {
    Statement(session, sql).Bind("name", user).Run();
  }
}

}  // namespace

std::optional<SecondFactor> Accounts::FindSecondFactor(const std::string& user) {
  return catalogue_.state_->With([&](soci::session& session) -> std::optional<SecondFactor> {
    Statement statement(session, "SELECT sealed, confirmed_ns, last_step FROM second_factors");
    statement.Where(" WHERE user_name = :name", "name", user).TextColumn().NumberColumn().NumberColumn();
    if (!statement.Fetch()) return std::nullopt;
    SecondFactor factor{.sealed = statement.Text(), .confirmed = ToTime(statement.OptionalNumber())};
    factor.last_step = statement.Number();
    return factor;
  });
}

void Accounts::ProposeSecondFactor(const std::string& user, const std::string& sealed) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    if (ReadUsers(session, user).empty()) throw Error(ErrorKind::kNotFound, "there is no user " + Quoted(user));
    if (Count(session, "SELECT COUNT(*) FROM second_factors WHERE confirmed_ns IS NOT NULL AND user_name = :key",
              user) > 0) {
      throw Error(ErrorKind::kUsage, "the user " + user + " has a second factor already", "take it away first");
    }
    Remove(session, user);
    Statement(session, "INSERT INTO second_factors (user_name, sealed, last_step) VALUES (:name, :sealed, 0)")
        .Bind("name", user)
        .Bind("sealed", sealed)
        .Run();
  });
}

void Accounts::ConfirmSecondFactor(const std::string& user, TimePoint at, const std::vector<std::string>& codes) {
  catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    Statement(session, "UPDATE second_factors SET confirmed_ns = :at WHERE user_name = :name")
        .Bind("at", ToNumber(at))
        .Bind("name", user)
        .Run();
    Statement(session, "DELETE FROM recovery_codes WHERE user_name = :name").Bind("name", user).Run();
    for (const std::string& hash : codes) {
      Statement(session, "INSERT INTO recovery_codes (user_name, hash) VALUES (:name, :hash)")
          .Bind("name", user)
          .Bind("hash", hash)
          .Run();
    }
  });
}

bool Accounts::UseStep(const std::string& user, int64_t step) {
  return catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    return Statement(session,
                     "UPDATE second_factors SET last_step = :step WHERE user_name = :name AND last_step < :least")
               .Bind("step", step)
               .Bind("name", user)
               .Bind("least", step)
               .Run() > 0;
  });
}

bool Accounts::UseRecoveryCode(const std::string& user, const std::string& hash) {
  return catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    return Statement(session, "DELETE FROM recovery_codes WHERE user_name = :name AND hash = :hash")
               .Bind("name", user)
               .Bind("hash", hash)
               .Run() > 0;
  });
}

bool Accounts::RemoveSecondFactor(const std::string& user) {
  return catalogue_.state_->Write(catalogue_, [&](soci::session& session) {
    const bool there = Count(session, "SELECT COUNT(*) FROM second_factors WHERE user_name = :key", user) > 0;
    Remove(session, user);
    return there;
  });
}

}  // namespace cofre::catalogue
