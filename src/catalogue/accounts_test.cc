#include "catalogue/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/catalogue_test_suite.h"
#include "tests/support/expect_error.h"

namespace cofre::catalogue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

const TimePoint kNow = ParseTime("2026-11-24T17:00:00Z").value();

class AccountsTest : public CatalogueSuite {
 protected:
  static User MakeUser(const std::string& name, Role role = Role::kViewer) {
    return {.name = name, .role = role, .password = "hash", .created = kNow, .changed = kNow};
  }

  Accounts accounts_{*catalogue_};
};

TEST_P(AccountsTest, AUserIsKeptAsItIs) {
  User user = MakeUser("eva@x.co", Role::kCompany);
  user.companies = {"900000001", "900000002"};
  accounts_.AddUser(user);
  EXPECT_EQ(accounts_.GetUser("eva@x.co"), user);
  accounts_.MarkSignedIn("eva@x.co", kNow + 1h);
  user.companies = {"900000002"};
  user.enabled = false;
  user.changed = kNow + 2h;
  accounts_.UpdateUser(user);
  user.signed_in = kNow + 1h;
  EXPECT_THAT(accounts_.ListUsers(), ElementsAre(user));
  EXPECT_EQ(accounts_.FindUser("eva"), std::nullopt);
  EXPECT_EQ(accounts_.FindUser(""), std::nullopt);
}

TEST_P(AccountsTest, WhatIsNoUserIsRefused) {
  accounts_.AddUser(MakeUser("eva"));
  EXPECT_ERROR(accounts_.AddUser(MakeUser("eva")), ErrorKind::kUsage, HasSubstr("exists already"));
  EXPECT_ERROR(accounts_.AddUser(MakeUser("Eva")), ErrorKind::kUsage, HasSubstr("no name of a user"));
  EXPECT_ERROR(accounts_.AddUser(MakeUser("a'; --")), ErrorKind::kUsage, HasSubstr("no name of a user"));
  EXPECT_ERROR(accounts_.AddUser(MakeUser("ana", Role::kCompany)), ErrorKind::kUsage, HasSubstr("sees nothing"));
  User user = MakeUser("ana");
  user.companies = {"900000001"};
  EXPECT_ERROR(accounts_.AddUser(user), ErrorKind::kUsage, HasSubstr("held to companies"));
  EXPECT_ERROR(accounts_.UpdateUser(MakeUser("ana")), ErrorKind::kNotFound, HasSubstr("'ana'"));
  EXPECT_ERROR(accounts_.RemoveUser("ana"), ErrorKind::kNotFound, HasSubstr("'ana'"));
  EXPECT_ERROR(accounts_.GetUser("ana"), ErrorKind::kNotFound, HasSubstr("'ana'"));
}

TEST_P(AccountsTest, ASecondFactorIsAskedForOnceItIsConfirmed) {
  accounts_.AddUser(MakeUser("eva"));
  EXPECT_ERROR(accounts_.ProposeSecondFactor("ana", "s"), ErrorKind::kNotFound, HasSubstr("'ana'"));
  accounts_.ProposeSecondFactor("eva", "first");
  accounts_.ProposeSecondFactor("eva", "second");
  EXPECT_EQ(accounts_.FindSecondFactor("eva")->sealed, "second");
  EXPECT_FALSE(accounts_.GetUser("eva").second_factor);
  accounts_.ConfirmSecondFactor("eva", kNow, {"a", "b"});
  EXPECT_TRUE(accounts_.GetUser("eva").second_factor);
  EXPECT_EQ(accounts_.FindSecondFactor("eva")->confirmed, kNow);
  EXPECT_ERROR(accounts_.ProposeSecondFactor("eva", "third"), ErrorKind::kUsage, HasSubstr("already"));
  EXPECT_TRUE(accounts_.RemoveSecondFactor("eva"));
  EXPECT_FALSE(accounts_.RemoveSecondFactor("eva"));
  EXPECT_FALSE(accounts_.UseRecoveryCode("eva", "a"));
}

TEST_P(AccountsTest, StepsAndRecoveryCodesAreUsedOnce) {
  accounts_.AddUser(MakeUser("eva"));
  accounts_.ProposeSecondFactor("eva", "sealed");
  EXPECT_TRUE(accounts_.UseStep("eva", 7));
  EXPECT_FALSE(accounts_.UseStep("eva", 7));
  EXPECT_FALSE(accounts_.UseStep("eva", 6));
  EXPECT_TRUE(accounts_.UseStep("eva", 9));
  EXPECT_FALSE(accounts_.UseStep("ana", 9));
  accounts_.ConfirmSecondFactor("eva", kNow, {"a", "b"});
  EXPECT_TRUE(accounts_.UseRecoveryCode("eva", "a"));
  EXPECT_FALSE(accounts_.UseRecoveryCode("eva", "a"));
  EXPECT_FALSE(accounts_.UseRecoveryCode("ana", "b"));
  accounts_.RemoveUser("eva");
  EXPECT_FALSE(accounts_.FindSecondFactor("eva"));
}

TEST_P(AccountsTest, AnAdministratorAlwaysRemains) {
  accounts_.AddUser(MakeUser("ana", Role::kAdministrator));
  User changed = MakeUser("ana", Role::kOperator);
  EXPECT_ERROR(accounts_.UpdateUser(changed), ErrorKind::kUsage, HasSubstr("no administrator"));
  changed = MakeUser("ana", Role::kAdministrator);
  changed.enabled = false;
  EXPECT_ERROR(accounts_.UpdateUser(changed), ErrorKind::kUsage, HasSubstr("no administrator"));
  EXPECT_ERROR(accounts_.RemoveUser("ana"), ErrorKind::kUsage, HasSubstr("no administrator"));
  EXPECT_EQ(accounts_.GetUser("ana"), MakeUser("ana", Role::kAdministrator));
  accounts_.AddUser(MakeUser("eva", Role::kAdministrator));
  accounts_.RemoveUser("ana");
  EXPECT_EQ(accounts_.FindUser("ana"), std::nullopt);
}

TEST_P(AccountsTest, SessionsEndByTimeByHandAndWithTheirUser) {
  accounts_.AddUser(MakeUser("eva"));
  SignedSession session{
      .hash = "1", .user = "eva", .created = kNow, .used = kNow, .expires = kNow + 10h, .address = "::1", .agent = "x"};
  accounts_.AddSession(session);
  EXPECT_EQ(accounts_.FindSession("1"), session);
  EXPECT_EQ(accounts_.FindSession("2"), std::nullopt);
  session.hash = "2";
  accounts_.AddSession(session);
  accounts_.MarkSessionUsed("2", kNow + 5h);
  accounts_.RemoveOldSessions(kNow + 6h, kNow + 1h);
  EXPECT_EQ(accounts_.FindSession("1"), std::nullopt);
  EXPECT_EQ(accounts_.FindSession("2")->used, kNow + 5h);
  accounts_.RemoveOldSessions(kNow + 10h, kNow);
  EXPECT_TRUE(accounts_.ListSessions("eva").empty());
  for (const char* hash : {"3", "4", "5"}) {
    session.hash = hash;
    accounts_.AddSession(session);
  }
  accounts_.RemoveSessions("eva", "4");
  EXPECT_EQ(accounts_.ListSessions("eva").size(), 1U);
  accounts_.RemoveUser("eva");
  EXPECT_EQ(accounts_.FindSession("4"), std::nullopt);
}

TEST_P(AccountsTest, TokensAreFoundByTheirHashAndRevokedForGood) {
  accounts_.AddUser(MakeUser("eva"));
  ApiToken token{
      .hash = "h", .name = "n", .user = "eva", .scope = Scope::kOperate, .created = kNow, .expires = kNow + 1h};
  token.id = accounts_.AddToken(token);
  EXPECT_EQ(accounts_.FindToken("h"), token);
  EXPECT_EQ(accounts_.FindToken("x"), std::nullopt);
  accounts_.MarkTokenUsed(token.id, kNow + 1min);
  accounts_.RevokeToken(token.id, kNow + 2min);
  accounts_.RevokeToken(token.id, kNow + 3min);
  token.used = kNow + 1min;
  token.revoked = kNow + 2min;
  EXPECT_EQ(accounts_.GetToken(token.id), token);
  EXPECT_ERROR(accounts_.RevokeToken(99, kNow), ErrorKind::kNotFound, HasSubstr("99"));
  EXPECT_ERROR(accounts_.AddToken({.hash = "i", .name = " ", .user = "eva"}), ErrorKind::kUsage, HasSubstr("no name"));
  EXPECT_ERROR(accounts_.AddToken({.hash = "i", .name = "n", .user = "x"}), ErrorKind::kNotFound, HasSubstr("'x'"));
  accounts_.RemoveUser("eva");
  EXPECT_TRUE(accounts_.ListTokens().empty());
}

TEST_P(AccountsTest, TheAuditLogIsFilteredNewestFirst) {
  const auto add = [&](const std::string& user, const std::string& action, const std::string& subject) {
    return accounts_.AddAudit(
        {.time = kNow, .user = user, .way = "session", .action = action, .subject = subject, .before = "{}"});
  };
  const int64_t first = add("ana", "company.change", "900000001");
  const int64_t second = add("ana", "user.add", "eva");
  const int64_t third = add("eva", "company.change", "900000002");
  const auto ids = [&](const AuditFilter& filter, size_t limit = 10) {
    std::vector<int64_t> found;
    for (const AuditEntry& entry : accounts_.ListAudit(filter, limit)) found.push_back(entry.id);
    return found;
  };
  EXPECT_THAT(ids({}), ElementsAre(third, second, first));
  EXPECT_THAT(ids({}, 1), ElementsAre(third));
  EXPECT_THAT(ids({.before = third}), ElementsAre(second, first));
  EXPECT_THAT(ids({.user = "ana"}), ElementsAre(second, first));
  EXPECT_THAT(ids({.subject = "eva"}), ElementsAre(second));
  EXPECT_THAT(ids({.action = "company."}), ElementsAre(third, first));
  EXPECT_THAT(ids({.action = "%"}), ElementsAre());
  EXPECT_THAT(ids({.since = kNow + 1s}), ElementsAre());
}

TEST_P(AccountsTest, ARequestsKeyIsAUsersAndStandsForOneRequest) {
  accounts_.AddUser(MakeUser("eva"));
  EXPECT_EQ(accounts_.FindRequest("eva", "k", "r"), std::nullopt);
  accounts_.AddRequest("eva", "k", "r", {7, 8}, kNow);
  EXPECT_THAT(*accounts_.FindRequest("eva", "k", "r"), ElementsAre(7, 8));
  EXPECT_EQ(accounts_.FindRequest("ana", "k", "r"), std::nullopt);
  EXPECT_ERROR(accounts_.FindRequest("eva", "k", "other"), ErrorKind::kUsage, HasSubstr("another request"));
  accounts_.RemoveOldRequests(kNow + 1s);
  EXPECT_EQ(accounts_.FindRequest("eva", "k", "r"), std::nullopt);
}

TEST(AccountNamesTest, TheyAreReadAsPeopleWriteThem) {
  EXPECT_EQ(ParseUserName(" Ana.Perez@X.co "), "ana.perez@x.co");
  for (const char* bad : {"", "-a", "a b", "ñ", "a/b", "a\nb"}) {
    EXPECT_ERROR(ParseUserName(bad), ErrorKind::kUsage, HasSubstr("no name of a user"));
  }
  EXPECT_EQ(ParseRole("operator"), Role::kOperator);
  EXPECT_EQ(ParseScope("read"), Scope::kRead);
  EXPECT_ERROR(ParseRole("root"), ErrorKind::kUsage, HasSubstr("'root' is no role"));
  EXPECT_ERROR(ParseScope("all"), ErrorKind::kUsage, HasSubstr("'all' is no scope"));
}

COFRE_ON_EVERY_ENGINE(AccountsTest);

}  // namespace
}  // namespace cofre::catalogue
