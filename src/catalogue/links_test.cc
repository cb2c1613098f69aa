#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/accounts.h"
#include "catalogue/catalogue_test_suite.h"
#include "tests/support/expect_error.h"

namespace cofre::catalogue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

const TimePoint kNow = ParseTime("2026-11-24T17:00:00Z").value();

class LinksTest : public CatalogueSuite {
 protected:
  DownloadLink Add(const std::string& hash, const std::string& company = "900000001", int most_uses = 1) {
    DownloadLink link{.hash = hash,
                      .company = company,
                      .fiscal_year = 2026,
                      .snapshot_id = std::string(64, 'a'),
                      .backup_time = kNow - 1h,
                      .form = DownloadForm::kDatabase,
                      .user = "ana",
                      .created = kNow,
                      .expires = kNow + 24h,
                      .most_uses = most_uses};
    link.id = accounts_.AddLink(link);
    return link;
  }

  Accounts accounts_{*catalogue_};
};

TEST_P(LinksTest, ALinkIsKeptAsItIsAndFoundByItsHash) {
  const DownloadLink link = Add("h1");
  EXPECT_EQ(accounts_.FindLink("h1"), link);
  EXPECT_EQ(accounts_.GetLink(link.id), link);
  EXPECT_EQ(accounts_.FindLink("h"), std::nullopt);
  EXPECT_EQ(accounts_.FindLink(""), std::nullopt);
  EXPECT_ERROR(accounts_.GetLink(99), ErrorKind::kNotFound, HasSubstr("99"));
}

TEST_P(LinksTest, EachCompanyHasItsOwnTheNewestFirst) {
  const DownloadLink first = Add("h1");
  const DownloadLink second = Add("h2");
  Add("h3", "900000002");
  EXPECT_THAT(accounts_.ListLinks("900000001"), ElementsAre(second, first));
  EXPECT_EQ(accounts_.ListLinks().size(), 3U);
}

TEST_P(LinksTest, ItIsUsedAsOftenAsItMayBeAndNoMore) {
  const int64_t id = Add("h1", "900000001", 2).id;
  EXPECT_TRUE(accounts_.UseLink(id, kNow));
  EXPECT_TRUE(accounts_.UseLink(id, kNow + 1h));
  EXPECT_FALSE(accounts_.UseLink(id, kNow + 2h));
  EXPECT_EQ(LinkState(accounts_.GetLink(id), kNow), "used_up");
  EXPECT_EQ(accounts_.GetLink(id).used, kNow + 1h);
  accounts_.GiveBackLinkUse(id);
  EXPECT_TRUE(accounts_.UseLink(id, kNow));
}

TEST_P(LinksTest, OneThatIsOverOrWithdrawnIsNotUsed) {
  const int64_t over = Add("h1").id;
  EXPECT_FALSE(accounts_.UseLink(over, kNow + 24h));
  EXPECT_EQ(LinkState(accounts_.GetLink(over), kNow + 24h), "expired");
  const int64_t withdrawn = Add("h2").id;
  accounts_.RevokeLink(withdrawn, kNow);
  accounts_.RevokeLink(withdrawn, kNow + 1h);
  EXPECT_EQ(accounts_.GetLink(withdrawn).revoked, kNow);
  EXPECT_FALSE(accounts_.UseLink(withdrawn, kNow));
  EXPECT_EQ(LinkState(accounts_.GetLink(withdrawn), kNow), "revoked");
  EXPECT_ERROR(accounts_.RevokeLink(99, kNow), ErrorKind::kNotFound, HasSubstr("99"));
}

TEST_P(LinksTest, WhatBecameOfItsMailIsKept) {
  DownloadLink link = Add("h1");
  link.hash = "h2";
  link.mail = "ana@example.com";
  link.mail_state = "pending";
  const int64_t first = accounts_.AddLink(link);
  link.hash = "h3";
  const int64_t second = accounts_.AddLink(link);
  EXPECT_EQ(accounts_.CountMailedLinks("ana", kNow - 1h), 2U);
  EXPECT_EQ(accounts_.CountMailedLinks("ana", kNow + 1h), 0U);
  EXPECT_EQ(accounts_.CountMailedLinks("olga", kNow - 1h), 0U);
  accounts_.MarkLinkMail(first, "sent", "");
  accounts_.FailPendingLinkMails("gone");
  EXPECT_EQ(accounts_.GetLink(first).mail_state, "sent");
  EXPECT_EQ(accounts_.GetLink(second).mail_state, "failed");
  EXPECT_EQ(accounts_.GetLink(second).mail_problem, "gone");
  EXPECT_EQ(accounts_.FindLink("h1")->mail_state, "");
}

TEST_P(LinksTest, OldOnesAreForgotten) {
  Add("h1");
  accounts_.RemoveLinksExpiredBefore(kNow + 24h);
  EXPECT_EQ(accounts_.ListLinks().size(), 1U);
  accounts_.RemoveLinksExpiredBefore(kNow + 25h);
  EXPECT_THAT(accounts_.ListLinks(), IsEmpty());
}

COFRE_ON_EVERY_ENGINE(LinksTest);

}  // namespace
}  // namespace cofre::catalogue
