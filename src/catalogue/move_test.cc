#include "catalogue/move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <soci/soci.h>

#include "base/error.h"
#include "catalogue/accounts.h"
#include "catalogue/backend.h"
#include "catalogue/catalogue_test_suite.h"
#include "catalogue/change_listener.h"
#include "tests/support/expect_error.h"

namespace cofre::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;
using namespace std::chrono_literals;

constexpr TimePoint kNight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 6h};

// From a file to the engine of the parameter.
class MoveTest : public CatalogueSuite {
 protected:
  MoveTest() {
    source_ = Catalogue::OpenOrCreate(from_->Url());
    source_->AddServer({.name = "norte", .host = "db.example"});
    source_->AddCompany({.id = "900869750", .name = "Ñandú 'y' \"hijos\"", .server = "norte"});
    source_->AddDatabase({.company = "900869750", .fiscal_year = 2026, .path = "/data/C 2026.FDB"}, kNight);
    source_->AddBackup({.snapshot_id = std::string(64, 'a'),
                        .company = "900869750",
                        .fiscal_year = 2026,
                        .time = kNight,
                        .path = "/900869750/2026/C.fbk"});
    for (int i = 0; i < 250; ++i) {
      job_ = source_->StartJob({.kind = JobKind::kBackup,
                                .company = "900869750",
                                .fiscal_year = 2026,
                                .started = kNight,
                                .owner = "host/boot/1/1"});
      source_->FinishJob(job_, {.ended = kNight + 1s, .message = "l'año"});
    }
    source_->PutCompanyState({.company = "900869750", .stored_bytes = uint64_t{1} << 40});
  }

  const std::unique_ptr<test::CataloguePlace> from_ = test::MakeCataloguePlace(test::CatalogueEngine::kSqlite);
  std::unique_ptr<Catalogue> source_;
  int64_t job_ = 0;
};

TEST_P(MoveTest, EverythingIsThereAfterwards) {
  const MoveReport report = MoveCatalogue(from_->Url(), place_->Url());
  EXPECT_GT(report.rows, 250U);
  EXPECT_EQ(catalogue_->ListServers(), source_->ListServers());
  EXPECT_EQ(catalogue_->ListCompanies(), source_->ListCompanies());
  EXPECT_EQ(catalogue_->ListDatabases(), source_->ListDatabases());
  EXPECT_EQ(catalogue_->ListBackups(), source_->ListBackups());
  EXPECT_EQ(catalogue_->ListJobs({}, 1000), source_->ListJobs({}, 1000));
  EXPECT_EQ(catalogue_->ListCompanyStates(), source_->ListCompanyStates());
  EXPECT_EQ(catalogue_->ListDatabaseStates(), source_->ListDatabaseStates());
}

TEST_P(MoveTest, NumbersGoOnWhereTheyWere) {
  MoveCatalogue(from_->Url(), place_->Url());
  EXPECT_EQ(catalogue_->StartJob(
                {.kind = JobKind::kVerify, .company = "900869750", .started = kNight, .owner = "host/boot/1/1"}),
            job_ + 1);
}

TEST_P(MoveTest, ItCanBeRepeatedAfterTheSourceHasChanged) {
  MoveCatalogue(from_->Url(), place_->Url());
  source_->AddServer({.name = "sur"});
  source_->RemoveBackup(std::string(64, 'a'));
  MoveCatalogue(from_->Url(), place_->Url());
  EXPECT_EQ(catalogue_->ListServers(), source_->ListServers());
  EXPECT_TRUE(catalogue_->ListBackups().empty());
}

TEST_P(MoveTest, AnotherCatalogueIsNotWrittenOver) {
  catalogue_->AddServer({.name = "otro"});
  EXPECT_ERROR(MoveCatalogue(from_->Url(), place_->Url()), ErrorKind::kUsage, ::testing::_);
  EXPECT_EQ(catalogue_->ListServers().size(), 1U);
}

TEST_P(MoveTest, EveryTableIsMovedOrBelongsToRunningProcesses) {
  std::vector<std::string> expected = MovedTables();
  expected.insert(expected.end(), {"leases", "nodes", "schema_versions"});
  EXPECT_THAT(TablesOf(*Connect(place_->Url(), false)), UnorderedElementsAreArray(expected));
}

TEST_P(MoveTest, AMissingSourceIsNotFound) {
  EXPECT_ERROR(MoveCatalogue("/nowhere/catalogue.db", place_->Url()), ErrorKind::kNotFound, ::testing::_);
}

COFRE_ON_EVERY_ENGINE(MoveTest);

class ChangeListenerTest : public CatalogueSuite {};

TEST_P(ChangeListenerTest, WhatCallsForALookIsHeardByOtherNodes) {
  const auto listener = ChangeListener::Open(place_->Url());
  ASSERT_EQ(listener != nullptr, GetParam() == test::CatalogueEngine::kPostgresql);
  if (listener == nullptr) return;
  EXPECT_FALSE(listener->TakeCalls());
  catalogue_->AddServer({.name = "norte"});
  catalogue_->AddCompany({.id = "11111", .name = "x", .server = "norte"});
  catalogue_->EnqueueJob({.kind = JobKind::kVerify, .company = "11111", .queued = kNight});
  pollfd call{listener->descriptor(), POLLIN, 0};
  ASSERT_EQ(poll(&call, 1, 10'000), 1);
  EXPECT_TRUE(listener->TakeCalls());
}

COFRE_ON_EVERY_ENGINE(ChangeListenerTest);

}  // namespace
}  // namespace cofre::catalogue
