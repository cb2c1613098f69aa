// What is special about the catalogue in PostgreSQL: how it is named, reached, lost and shared.

#include "catalogue/postgresql_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <functional>
#include <thread>

#include "catalogue/backend.h"
#include "catalogue/catalogue.h"
#include "tests/support/catalogue_places.h"
#include "tests/support/postgresql_database.h"
#include "tests/support/servers.h"

namespace cofre::catalogue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Failure(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return std::string(ErrorKindName(error.kind())) + ": " + error.what() + " | " + error.hint();
  }
  return "nothing was thrown";
}

TEST(PostgresqlUrlTest, PasswordsAreNotShown) {
  EXPECT_EQ(ShownUrl("postgresql://cofre:s3cret@db/cofre"), "postgresql://cofre@db/cofre");
  EXPECT_EQ(ShownUrl("postgres://cofre:s3@c:ret@db:5432/cofre?a=b"), "postgres://cofre@db:5432/cofre?a=b");
  EXPECT_EQ(ShownUrl("postgresql:///cofre?host=db&password=s3cret&user=x"),
            "postgresql:///cofre?host=db&password=...&user=x");
  EXPECT_EQ(ShownUrl("postgresql://db/cofre?password=s3cret"), "postgresql://db/cofre?password=...");
  EXPECT_EQ(ShownUrl("postgresql://cofre@db/a:b@c"), "postgresql://cofre@db/a:b@c");
  EXPECT_EQ(ShownUrl("postgresql://"), "postgresql://");
  EXPECT_EQ(ShownUrl("/var/lib/cofre/a:b@c.db"), "/var/lib/cofre/a:b@c.db");
}

TEST(PostgresqlUrlTest, WaitsAreBoundedUnlessTheUrlSaysHow) {
  EXPECT_THAT(postgresql::WithLimits("postgresql://db/cofre"), StartsWith("postgresql://db/cofre?connect_timeout=5&"));
  EXPECT_THAT(postgresql::WithLimits("postgresql://db/cofre?connect_timeout=60"),
              AllOf(StartsWith("postgresql://db/cofre?connect_timeout=60&tcp_user_timeout="),
                    Not(HasSubstr("connect_timeout=5"))));
}

TEST(PostgresqlUrlTest, TextIsComparedByItsBytes) {
  EXPECT_EQ(postgresql::OwnDialect("CREATE TABLE a (b TEXT NOT NULL, c BIGINT, d TEXT NOT NULL)"),
            "CREATE TABLE a (b TEXT COLLATE \"C\" NOT NULL, c BIGINT, d TEXT COLLATE \"C\" NOT NULL)");
}

class PostgresqlBackendTest : public ::testing::Test {
 protected:
  void SetUp() override {
    COFRE_REQUIRE_SERVER("COFRE_TEST_POSTGRESQL");
    server_ = test::TestPostgresqlServer();
    place_ = test::MakeCataloguePlace(test::CatalogueEngine::kPostgresql);
    catalogue_ = Catalogue::OpenOrCreate(place_->Url());
  }

  // The schema is the only thing that tells this catalogue's connections from those of other tests.
  std::string Schema() const { return place_->Url().substr(place_->Url().rfind("%3D") + 3); }
  std::string Admin(const std::string& sql) const { return server_.Sql("postgres", sql); }
  void CutConnections() const {
    Admin("SELECT pg_terminate_backend(l.pid) FROM pg_stat_activity l WHERE application_name = '" + Schema() + "';");
  }
  // Connections that CutConnections finds.
  std::unique_ptr<Catalogue> OpenNamed() const {
    return Catalogue::Open(place_->Url() + "&application_name=" + Schema());
  }

  test::PostgresqlServer server_;
  std::unique_ptr<test::CataloguePlace> place_;
  std::unique_ptr<Catalogue> catalogue_;
};

TEST_F(PostgresqlBackendTest, EveryTextColumnIsComparedByItsBytes) {
  EXPECT_EQ(Admin("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '" + Schema() +
                  "' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C';"),
            "");
}

TEST_F(PostgresqlBackendTest, AnEmptyDatabaseIsNoCatalogueUnlessOneIsAskedFor) {
  const auto other = test::MakeCataloguePlace(test::CatalogueEngine::kPostgresql);
  EXPECT_THAT(Failure([&] { Catalogue::Open(other->Url()); }),
              AllOf(StartsWith("not_found: postgresql://"), HasSubstr("holds no catalogue"),
                    Not(HasSubstr(server_.password.Reveal()))));
}

TEST_F(PostgresqlBackendTest, AWrongPasswordIsSaidAsThatAndNotShown) {
  const std::string url = "postgresql://cofre:wr0ng@" + server_.host + ":" + std::to_string(server_.port) + "/postgres";
  EXPECT_THAT(Failure([&] { Catalogue::Open(url); }),
              AllOf(StartsWith("auth: cannot open the catalogue postgresql://cofre@"), HasSubstr("passfile"),
                    Not(HasSubstr("wr0ng"))));
}

TEST_F(PostgresqlBackendTest, AMissingDatabaseIsNotFound) {
  std::string url = place_->Url();
  url.replace(url.find("/postgres?"), std::string("/postgres?").size(), "/nowhere?");
  EXPECT_THAT(Failure([&] { Catalogue::OpenOrCreate(url); }), AllOf(StartsWith("not_found"), HasSubstr("createdb")));
}

TEST_F(PostgresqlBackendTest, AServerThatIsNotThereIsTransient) {
  EXPECT_THAT(Failure([&] { Catalogue::Open("postgresql://cofre@127.0.0.1:1/cofre"); }),
              AllOf(StartsWith("transient: cannot open the catalogue"), HasSubstr("PostgreSQL server runs")));
}

TEST_F(PostgresqlBackendTest, AnUnknownParameterIsUsage) {
  EXPECT_THAT(Failure([&] { Catalogue::Open("postgresql://cofre@127.0.0.1:1/cofre?nonsense=1"); }),
              StartsWith("usage"));
}

TEST_F(PostgresqlBackendTest, ALostConnectionIsMadeAnewForTheNextCall) {
  const auto catalogue = OpenNamed();
  catalogue->AddServer({.name = "before"});
  CutConnections();
  EXPECT_EQ(catalogue->ListServers().size(), 1U);
  CutConnections();
  catalogue->AddServer({.name = "after"});
  EXPECT_EQ(catalogue_->ListServers().size(), 2U);
}

TEST_F(PostgresqlBackendTest, ATransactionWhoseConnectionIsLostStoresNothing) {
  const auto catalogue = OpenNamed();
  EXPECT_THAT(Failure([&] {
                Transaction transaction(*catalogue);
                catalogue->AddServer({.name = "one"});
                CutConnections();
                catalogue->AddServer({.name = "two"});
                transaction.Commit();
              }),
              StartsWith("transient"));
  EXPECT_TRUE(catalogue->ListServers().empty());
}

TEST_F(PostgresqlBackendTest, ACommitThatIsCutOffSaysSo) {
  const auto catalogue = OpenNamed();
  EXPECT_THAT(Failure([&] {
                Transaction transaction(*catalogue);
                catalogue->AddServer({.name = "one"});
                CutConnections();
                transaction.Commit();
              }),
              StartsWith("transient"));
  EXPECT_TRUE(catalogue->ListServers().empty());
}

TEST_F(PostgresqlBackendTest, WhatAWriterHasLookedAtStaysTrueUntilItCommits) {
  catalogue_->AddServer({.name = "s"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto catalogue = Catalogue::Open(place_->Url());
      for (int k = 0; k < 25; ++k) {
        Transaction transaction(*catalogue);
        const int count = std::stoi(catalogue->GetFact("count").value_or("0"));
        catalogue->PutFact("count", std::to_string(count + 1));
        transaction.Commit();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(catalogue_->GetFact("count"), "100");
}

TEST_F(PostgresqlBackendTest, ReadersDoNotWaitForAWriter) {
  const auto reader = Catalogue::Open(place_->Url());
  const Transaction transaction(*catalogue_);
  catalogue_->AddServer({.name = "s"});
  EXPECT_TRUE(reader->ListServers().empty());
}

TEST_F(PostgresqlBackendTest, CataloguesInOneDatabaseDoNotWaitForEachOther) {
  const auto place = test::MakeCataloguePlace(test::CatalogueEngine::kPostgresql);
  const auto other = Catalogue::OpenOrCreate(place->Url());
  const Transaction transaction(*catalogue_);
  other->AddServer({.name = "s"});
  EXPECT_EQ(other->ListServers().size(), 1U);
}

TEST_F(PostgresqlBackendTest, WhatIsCommittedIsSafeAlsoWhereTheServerSaysOtherwise) {
  soci::session plain(soci::postgresql, place_->Url());
  std::string servers;
  plain << "SHOW synchronous_commit", soci::into(servers);
  ASSERT_EQ(servers, "off") << "the test server's own setting is what this test needs";
  const auto session = Connect(place_->Url(), false);
  std::string ours;
  *session << "SHOW synchronous_commit", soci::into(ours);
  EXPECT_EQ(ours, "on");
}

TEST_F(PostgresqlBackendTest, AWriterThatHangsIsCutOffByTheServer) {
  const auto session = Connect(place_->Url(), false);
  std::string limit;
  *session << "SHOW idle_in_transaction_session_timeout", soci::into(limit);
  EXPECT_EQ(limit, "10s");
}

}  // namespace
}  // namespace cofre::catalogue
