// What any engine below the catalogue must do.

#include "catalogue/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "base/error.h"
#include "catalogue/catalogue_test_suite.h"

namespace cofre::catalogue {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr TimePoint kNight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 6h};

std::string SnapshotId(const std::string& beginning) { return beginning + std::string(64 - beginning.size(), '0'); }

class CatalogueTest : public CatalogueSuite {
 protected:
  void AddCompanyWithDatabase(const std::string& id = "900869750", int fiscal_year = 2025) {
    if (catalogue_->ListServers().empty()) catalogue_->AddServer({.name = "local"});
    catalogue_->AddCompany({.id = id, .name = "Ñandú", .server = "local"});
    catalogue_->AddDatabase({.company = id, .fiscal_year = fiscal_year, .path = "/data/" + id + ".fdb"}, kNight);
  }
  Backup AddBackup(const std::string& beginning, TimePoint time = kNight, int fiscal_year = 2025) {
    Backup backup{
        .snapshot_id = SnapshotId(beginning), .company = "900869750", .fiscal_year = fiscal_year, .time = time};
    backup.path = "/900869750/2025/C.fbk";
    catalogue_->AddBackup(backup);
    return backup;
  }
  int64_t StartJob(const std::string& owner = "host/boot/1/1", JobKind kind = JobKind::kBackup) {
    return catalogue_->StartJob(
        {.kind = kind, .company = "900869750", .fiscal_year = 2025, .started = kNight, .owner = owner});
  }
};

// "kind: message | hint" of what `act` throws.
std::string Failure(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return std::string(ErrorKindName(error.kind())) + ": " + error.what() + " | " + error.hint();
  }
  return "nothing was thrown";
}

TEST_P(CatalogueTest, ANewOneIsEmptyAndHasAVersion) {
  EXPECT_GE(catalogue_->SchemaVersion(), 1);
  EXPECT_THAT(catalogue_->ListServers(), IsEmpty());
  EXPECT_THAT(catalogue_->ListCompanies(), IsEmpty());
  EXPECT_THAT(catalogue_->ListDatabases(), IsEmpty());
  EXPECT_THAT(catalogue_->ListBackups(), IsEmpty());
  EXPECT_THAT(catalogue_->ListJobs({}, 10), IsEmpty());
}

TEST_P(CatalogueTest, WhatWasStoredIsThereAfterReopening) {
  AddCompanyWithDatabase();
  const Backup backup = AddBackup("ab");
  catalogue_.reset();
  catalogue_ = Catalogue::Open(place_->Url());
  EXPECT_EQ(catalogue_->GetCompany("900869750").name, "Ñandú");
  EXPECT_THAT(catalogue_->ListBackups(), ElementsAre(backup));
}

TEST_P(CatalogueTest, AServerComesBackWithAllItsFields) {
  const Server server{.name = "norte",
                      .engine = Engine::kCommand,
                      .host = "db.example",
                      .port = 65535,
                      .user = "SYSDBA'; DROP TABLE servers; --",
                      .password_file = "/etc/cofre/clave de norte",
                      .max_concurrent = 7};
  catalogue_->AddServer(server);
  EXPECT_EQ(catalogue_->GetServer("norte"), server);
  const Server changed{.name = "norte", .engine = Engine::kSqlite};
  catalogue_->UpdateServer(changed);
  EXPECT_EQ(catalogue_->GetServer("norte"), changed);
}

TEST_P(CatalogueTest, ServersAreListedByName) {
  for (const char* name : {"b", "a", "c"}) catalogue_->AddServer({.name = name});
  EXPECT_THAT(catalogue_->ListServers(),
              ElementsAre(Field(&Server::name, "a"), Field(&Server::name, "b"), Field(&Server::name, "c")));
}

TEST_P(CatalogueTest, AServerThatIsThereOrMissingIsNamed) {
  catalogue_->AddServer({.name = "norte"});
  EXPECT_THAT(Failure([&] { catalogue_->AddServer({.name = "norte"}); }),
              AllOf(HasSubstr("usage: the server 'norte' exists already"), HasSubstr("cofre server set")));
  EXPECT_THAT(Failure([&] { catalogue_->GetServer("sur"); }), HasSubstr("not_found: there is no server 'sur'"));
  EXPECT_THAT(Failure([&] { catalogue_->UpdateServer({.name = "sur"}); }), HasSubstr("not_found"));
  EXPECT_THAT(Failure([&] { catalogue_->RemoveServer("sur"); }), HasSubstr("not_found"));
}

TEST_P(CatalogueTest, AServerWithCompaniesStays) {
  AddCompanyWithDatabase();
  EXPECT_THAT(Failure([&] { catalogue_->RemoveServer("local"); }),
              HasSubstr("usage: the server 'local' has 1 companies"));
  catalogue_->RemoveCompany("900869750", Contents::kForget);
  catalogue_->RemoveServer("local");
  EXPECT_THAT(catalogue_->ListServers(), IsEmpty());
}

TEST_P(CatalogueTest, ACompanyComesBackWithAllItsFields) {
  catalogue_->AddServer({.name = "norte"});
  catalogue_->AddServer({.name = "sur"});
  Company company{.id = "900869750",
                  .name = "Panadería \"El Ñandú\"; DROP TABLE companies",
                  .server = "norte",
                  .enabled = false,
                  .backup_time = 1439min,
                  .space_limit_bytes = uint64_t{1} << 50,
                  .time_zone = "America/Bogota",
                  .repository = "norte/900869750"};
  catalogue_->AddCompany(company);
  EXPECT_EQ(catalogue_->GetCompany("900869750"), company);
}

TEST_P(CatalogueTest, ACompanyKeepsItsRepositoryWhenItMoves) {
  catalogue_->AddServer({.name = "norte"});
  catalogue_->AddServer({.name = "sur"});
  catalogue_->AddCompany({.id = "900869750", .name = "N", .server = "norte"});
  EXPECT_EQ(catalogue_->GetCompany("900869750").repository, "norte/900869750");
  catalogue_->UpdateCompany({.id = "900869750", .name = "N", .server = "sur"});
  EXPECT_EQ(catalogue_->GetCompany("900869750").server, "sur");
  EXPECT_EQ(catalogue_->GetCompany("900869750").repository, "norte/900869750");
  EXPECT_THAT(
      Failure([&] {
        catalogue_->UpdateCompany({.id = "900869750", .name = "N", .server = "sur", .repository = "sur/900869750"});
      }),
      HasSubstr("usage: the repository of company 900869750 is norte/900869750 and can't become"));
}

TEST_P(CatalogueTest, NoTwoCompaniesShareARepository) {
  catalogue_->AddServer({.name = "norte"});
  catalogue_->AddCompany({.id = "11111", .name = "A", .server = "norte"});
  EXPECT_THAT(Failure([&] {
                catalogue_->AddCompany({.id = "22222", .name = "B", .server = "norte", .repository = "norte/11111"});
              }),
              HasSubstr("usage: the repository 'norte/11111' belongs to another company"));
}

TEST_P(CatalogueTest, CompaniesAreListedByIdAndServer) {
  catalogue_->AddServer({.name = "norte"});
  catalogue_->AddServer({.name = "sur"});
  catalogue_->AddCompany({.id = "22222", .name = "B", .server = "norte"});
  catalogue_->AddCompany({.id = "11111", .name = "A", .server = "sur"});
  EXPECT_THAT(catalogue_->ListCompanies(), ElementsAre(Field(&Company::id, "11111"), Field(&Company::id, "22222")));
  EXPECT_THAT(catalogue_->ListCompanies({.server = "norte"}), ElementsAre(Field(&Company::id, "22222")));
}

TEST_P(CatalogueTest, ACompanyThatIsThereOrMissingIsNamed) {
  AddCompanyWithDatabase();
  EXPECT_THAT(Failure([&] { catalogue_->AddCompany({.id = "900869750", .name = "X", .server = "local"}); }),
              HasSubstr("usage: the company '900869750' exists already"));
  EXPECT_THAT(Failure([&] { catalogue_->GetCompany("12345"); }),
              AllOf(HasSubstr("not_found: there is no company '12345'"), HasSubstr("cofre company list")));
  EXPECT_THAT(Failure([&] { catalogue_->UpdateCompany({.id = "12345", .name = "X", .server = "local"}); }),
              HasSubstr("not_found"));
  EXPECT_THAT(Failure([&] { catalogue_->AddCompany({.id = "12345", .name = "X", .server = "sur"}); }),
              HasSubstr("not_found: there is no server 'sur'"));
}

TEST_P(CatalogueTest, ACompanyWithDatabasesStaysUnlessTheyMayBeForgotten) {
  AddCompanyWithDatabase();
  AddBackup("ab");
  EXPECT_THAT(Failure([&] { catalogue_->RemoveCompany("900869750", Contents::kRefuse); }),
              HasSubstr("usage: the company 900869750 has 1 databases and 1 backups"));
  EXPECT_EQ(catalogue_->ListBackups().size(), 1U);
  catalogue_->RemoveCompany("900869750", Contents::kForget);
  EXPECT_THAT(catalogue_->ListCompanies(), IsEmpty());
  EXPECT_THAT(catalogue_->ListDatabases(), IsEmpty());
  EXPECT_THAT(catalogue_->ListBackups(), IsEmpty());
}

TEST_P(CatalogueTest, ForgettingACompanyTouchesNoOtherOne) {
  AddCompanyWithDatabase();
  AddCompanyWithDatabase("90086975");
  AddBackup("ab");
  catalogue_->RemoveCompany("90086975", Contents::kForget);
  EXPECT_THAT(catalogue_->ListCompanies(), ElementsAre(Field(&Company::id, "900869750")));
  EXPECT_EQ(catalogue_->ListBackups().size(), 1U);
}

TEST_P(CatalogueTest, ADatabaseComesBackWithItsPathOrCommand) {
  AddCompanyWithDatabase();
  const Database command{.company = "900869750", .fiscal_year = 2026, .command = {"pg_dump", "", "--x=a b", "ñ"}};
  catalogue_->AddDatabase(command, kNight);
  EXPECT_EQ(catalogue_->GetDatabase("900869750", 2026), command);
  const Database changed{
      .company = "900869750", .fiscal_year = 2026, .path = "C:\\Datos Año\\C.FDB", .method = DumpMethod::kPhysical};
  catalogue_->UpdateDatabase(changed);
  EXPECT_EQ(catalogue_->GetDatabase("900869750", 2026), changed);
}

TEST_P(CatalogueTest, ADatabaseThatIsThereOrMissingIsNamed) {
  AddCompanyWithDatabase();
  EXPECT_THAT(
      Failure([&] { catalogue_->AddDatabase({.company = "900869750", .fiscal_year = 2025, .path = "x"}, kNight); }),
      HasSubstr("usage: company 900869750 has a database of 2025 already"));
  EXPECT_THAT(Failure([&] { catalogue_->GetDatabase("900869750", 2024); }),
              HasSubstr("not_found: company 900869750 has no database of 2024"));
  EXPECT_THAT(Failure([&] { catalogue_->GetDatabase("12345", 2024); }), HasSubstr("there is no company '12345'"));
  EXPECT_THAT(Failure([&] { catalogue_->AddDatabase({.company = "12345", .fiscal_year = 2025, .path = "x"}, kNight); }),
              HasSubstr("not_found: there is no company"));
  EXPECT_THAT(Failure([&] { catalogue_->UpdateDatabase({.company = "900869750", .fiscal_year = 2024, .path = "x"}); }),
              HasSubstr("not_found"));
  EXPECT_THAT(Failure([&] { catalogue_->RemoveDatabase("900869750", 2024, Contents::kForget); }),
              HasSubstr("not_found"));
}

TEST_P(CatalogueTest, DatabasesAreListedByCompanyAndYear) {
  AddCompanyWithDatabase("22222", 2025);
  AddCompanyWithDatabase("11111", 2026);
  catalogue_->AddDatabase({.company = "11111", .fiscal_year = 2024, .path = "x"}, kNight);
  EXPECT_THAT(catalogue_->ListDatabases(),
              ElementsAre(Field(&Database::fiscal_year, 2024), Field(&Database::fiscal_year, 2026),
                          Field(&Database::company, "22222")));
  EXPECT_THAT(catalogue_->ListDatabases({.company = "22222"}), ElementsAre(Field(&Database::fiscal_year, 2025)));
}

TEST_P(CatalogueTest, ADatabaseWithBackupsStaysUnlessTheyMayBeForgotten) {
  AddCompanyWithDatabase();
  AddBackup("ab");
  EXPECT_THAT(Failure([&] { catalogue_->RemoveDatabase("900869750", 2025, Contents::kRefuse); }),
              HasSubstr("usage: the database 900869750 2025 has 1 backups"));
  catalogue_->RemoveDatabase("900869750", 2025, Contents::kForget);
  EXPECT_THAT(catalogue_->ListDatabases(), IsEmpty());
  EXPECT_THAT(catalogue_->ListBackups(), IsEmpty());
}

TEST_P(CatalogueTest, TheBlobSizeIsChosenOnce) {
  AddCompanyWithDatabase();
  EXPECT_EQ(catalogue_->SetAverageBlobBytes("900869750", 2025, 32768), 32768U);
  EXPECT_EQ(catalogue_->SetAverageBlobBytes("900869750", 2025, 65536), 32768U);
  catalogue_->UpdateDatabase({.company = "900869750", .fiscal_year = 2025, .path = "elsewhere"});
  EXPECT_EQ(catalogue_->GetDatabase("900869750", 2025).average_blob_bytes, 32768U);
  EXPECT_THAT(Failure([&] { catalogue_->SetAverageBlobBytes("900869750", 2024, 1); }), HasSubstr("not_found"));
}

TEST_P(CatalogueTest, ABackupComesBackWithAllItsFields) {
  AddCompanyWithDatabase();
  const Backup backup{.snapshot_id = SnapshotId("4f1a"),
                      .company = "900869750",
                      .fiscal_year = 2025,
                      .time = kNight + 1ns,
                      .path = "/900869750/2025/C.fbk",
                      .dump_bytes = uint64_t{1} << 45,
                      .new_bytes = 12345,
                      .stored_bytes = static_cast<uint64_t>(INT64_MAX),
                      .elapsed = 123456789ns,
                      .pinned_until = kNight + 24h,
                      .verified_at = kNight + 1h};
  catalogue_->AddBackup(backup);
  EXPECT_EQ(catalogue_->FindBackup(backup.snapshot_id), backup);
}

TEST_P(CatalogueTest, BackupsAreListedNewestFirst) {
  AddCompanyWithDatabase();
  catalogue_->AddDatabase({.company = "900869750", .fiscal_year = 2024, .path = "x"}, kNight);
  const Backup monday = AddBackup("a1", kNight);
  const Backup tuesday = AddBackup("a2", kNight + 24h);
  const Backup closed = AddBackup("a3", kNight, 2024);
  EXPECT_THAT(catalogue_->ListBackups(), ElementsAre(closed, tuesday, monday));
  EXPECT_THAT(catalogue_->ListBackups({.company = "900869750", .fiscal_year = 2025}), ElementsAre(tuesday, monday));
  EXPECT_THAT(catalogue_->ListBackups({.company = "12345"}), IsEmpty());
}

TEST_P(CatalogueTest, ABackupIsFoundByTheBeginningOfItsId) {
  AddCompanyWithDatabase();
  const Backup first = AddBackup("abcd1");
  const Backup second = AddBackup("abcdf");
  EXPECT_EQ(catalogue_->FindBackup("abcd1"), first);
  EXPECT_EQ(catalogue_->FindBackup(" ABCDF0 "), second);
  EXPECT_THAT(Failure([&] { catalogue_->FindBackup("abcd"); }), HasSubstr("usage: several backups begin with 'abcd'"));
  EXPECT_THAT(Failure([&] { catalogue_->FindBackup("abce"); }), HasSubstr("not_found: there is no backup 'abce'"));
}

TEST_P(CatalogueTest, ABackupsIdIsHexadecimalAndNotTooShort) {
  for (const char* id : {"", "abc", "%", "____", "abcg", "abcd' OR '1' = '1"}) {
    EXPECT_THAT(Failure([&] { catalogue_->FindBackup(id); }), HasSubstr("usage: the backup")) << id;
  }
  EXPECT_THAT(Failure([&] { catalogue_->FindBackup(std::string(65, 'a')); }), HasSubstr("usage"));
}

TEST_P(CatalogueTest, ABackupNeedsItsDatabaseAndIsThereOnce) {
  AddCompanyWithDatabase();
  const Backup backup = AddBackup("ab");
  EXPECT_THAT(Failure([&] { catalogue_->AddBackup(backup); }), HasSubstr("is in the catalogue already"));
  EXPECT_THAT(Failure([&] { AddBackup("cd", kNight, 2024); }),
              HasSubstr("not_found: company 900869750 has no database"));
}

TEST_P(CatalogueTest, ABackupIsPinnedVerifiedAndRemoved) {
  AddCompanyWithDatabase();
  const std::string id = AddBackup("ab").snapshot_id;
  catalogue_->PinBackup(id, kNight + 240h);
  catalogue_->MarkVerified(id, kNight + 1h);
  EXPECT_EQ(catalogue_->FindBackup(id).pinned_until, kNight + 240h);
  EXPECT_EQ(catalogue_->FindBackup(id).verified_at, kNight + 1h);
  catalogue_->PinBackup(id, std::nullopt);
  EXPECT_EQ(catalogue_->FindBackup(id).pinned_until, std::nullopt);
  catalogue_->RemoveBackup(id);
  EXPECT_THAT(catalogue_->ListBackups(), IsEmpty());
  EXPECT_THAT(Failure([&] { catalogue_->RemoveBackup(id); }), HasSubstr("not_found"));
  EXPECT_THAT(Failure([&] { catalogue_->PinBackup(id, kNight); }), HasSubstr("not_found"));
  EXPECT_THAT(Failure([&] { catalogue_->MarkVerified(id, kNight); }), HasSubstr("not_found"));
}

TEST_P(CatalogueTest, AJobRunsAndEnds) {
  const int64_t id = StartJob();
  Job job{.id = id, .company = "900869750", .fiscal_year = 2025, .queued = kNight, .started = kNight};
  job.owner = "host/boot/1/1";
  EXPECT_THAT(catalogue_->ListJobs({}, 10), ElementsAre(job));
  catalogue_->FinishJob(id, {.state = JobState::kFailed,
                             .ended = kNight + 5min,
                             .error_kind = "auth",
                             .message = "wrong password",
                             .bytes = 77});
  job.state = JobState::kFailed;
  job.ended = kNight + 5min;
  job.error_kind = "auth";
  job.message = "wrong password";
  job.bytes = 77;
  EXPECT_THAT(catalogue_->ListJobs({}, 10), ElementsAre(job));
}

TEST_P(CatalogueTest, AJobEndsOnce) {
  const int64_t id = StartJob();
  catalogue_->FinishJob(id, {.state = JobState::kDone, .ended = kNight});
  EXPECT_THAT(Failure([&] { catalogue_->FinishJob(id, {.state = JobState::kFailed, .ended = kNight}); }),
              HasSubstr("not_found: no job"));
  EXPECT_THAT(Failure([&] { catalogue_->FinishJob(id + 1, {.state = JobState::kDone, .ended = kNight}); }),
              HasSubstr("not_found"));
  EXPECT_THAT(Failure([&] { catalogue_->FinishJob(StartJob(), {.state = JobState::kRunning}); }), HasSubstr("usage"));
}

TEST_P(CatalogueTest, AJobsMessageIsStoredCutAndAsUtf8) {
  const int64_t id = StartJob();
  catalogue_->FinishJob(id,
                        {.state = JobState::kFailed, .ended = kNight, .message = "a\xF1o" + std::string(9000, 'x')});
  const std::string message = catalogue_->ListJobs({}, 1).front().message;
  EXPECT_EQ(message.size(), 4096U);
  EXPECT_THAT(message, HasSubstr("a\xEF\xBF\xBDo"));
}

TEST_P(CatalogueTest, OnlyJobsOfDeadProcessesAreInterrupted) {
  const int64_t dead = StartJob("host/boot/1/1");
  const int64_t alive = StartJob("host/boot/2/2");
  const int64_t done = StartJob("host/boot/1/1");
  catalogue_->FinishJob(done, {.state = JobState::kDone, .ended = kNight});
  const auto is_alive = [](const std::string& owner) { return owner == "host/boot/2/2"; };
  EXPECT_THAT(catalogue_->MarkRunningJobsInterrupted(is_alive, kNight + 1h), ElementsAre(Field(&Job::id, dead)));
  EXPECT_THAT(catalogue_->ListJobs({.state = JobState::kInterrupted}, 10),
              ElementsAre(AllOf(Field(&Job::id, dead), Field(&Job::ended, kNight + 1h))));
  EXPECT_THAT(catalogue_->ListJobs({.state = JobState::kRunning}, 10), ElementsAre(Field(&Job::id, alive)));
  EXPECT_THAT(catalogue_->MarkRunningJobsInterrupted(is_alive, kNight + 2h), IsEmpty());
}

TEST_P(CatalogueTest, JobsAreListedNewestFirstFilteredAndLimited) {
  const int64_t backup = StartJob();
  const int64_t prune = StartJob("host/boot/1/1", JobKind::kPrune);
  const int64_t other = catalogue_->StartJob({.company = "12345", .started = kNight, .owner = "o"});
  EXPECT_THAT(catalogue_->ListJobs({}, 2), ElementsAre(Field(&Job::id, other), Field(&Job::id, prune)));
  EXPECT_THAT(catalogue_->ListJobs({.kind = JobKind::kPrune}, 9), ElementsAre(Field(&Job::id, prune)));
  EXPECT_THAT(catalogue_->ListJobs({.company = "900869750", .fiscal_year = 2025, .kind = JobKind::kBackup}, 9),
              ElementsAre(Field(&Job::id, backup)));
  EXPECT_THAT(catalogue_->ListJobs({.fiscal_year = 0}, SIZE_MAX), ElementsAre(Field(&Job::id, other)));
}

TEST_P(CatalogueTest, ValuesAreCheckedBeforeTheyAreStored) {
  AddCompanyWithDatabase();
  EXPECT_THAT(Failure([&] { catalogue_->AddServer({.name = "A B"}); }), HasSubstr("usage"));
  EXPECT_THAT(Failure([&] { catalogue_->UpdateServer({.name = "local", .max_concurrent = 0}); }), HasSubstr("usage"));
  EXPECT_THAT(Failure([&] { catalogue_->AddCompany({.id = "x", .name = "X", .server = "local"}); }),
              HasSubstr("usage"));
  EXPECT_THAT(Failure([&] { catalogue_->UpdateCompany({.id = "900869750", .name = "", .server = "local"}); }),
              HasSubstr("usage"));
  EXPECT_THAT(
      Failure([&] { catalogue_->AddDatabase({.company = "900869750", .fiscal_year = 20255, .path = "x"}, kNight); }),
      HasSubstr("usage"));
  EXPECT_THAT(Failure([&] { catalogue_->UpdateDatabase({.company = "900869750", .fiscal_year = 2025}); }),
              HasSubstr("usage"));
  EXPECT_THAT(Failure([&] { catalogue_->AddBackup({.snapshot_id = "ab"}); }), HasSubstr("usage"));
  EXPECT_THAT(Failure([&] { catalogue_->StartJob({.company = "900869750"}); }), HasSubstr("usage"));
}

TEST_P(CatalogueTest, ATransactionIsStoredWholeOrNotAtAll) {
  {
    Transaction transaction(*catalogue_);
    catalogue_->AddServer({.name = "norte"});
  }
  EXPECT_THAT(catalogue_->ListServers(), IsEmpty());
  {
    Transaction transaction(*catalogue_);
    catalogue_->AddServer({.name = "norte"});
    catalogue_->AddServer({.name = "sur"});
    transaction.Commit();
  }
  EXPECT_EQ(catalogue_->ListServers().size(), 2U);
}

TEST_P(CatalogueTest, AFailureInsideATransactionSpoilsAllOfIt) {
  catalogue_->AddServer({.name = "norte"});
  {
    Transaction transaction(*catalogue_);
    catalogue_->AddServer({.name = "sur"});
    EXPECT_THROW(catalogue_->AddServer({.name = "norte"}), Error);
    EXPECT_THAT(Failure([&] { catalogue_->AddServer({.name = "este"}); }), HasSubstr("permanent"));
    EXPECT_THAT(Failure([&] { transaction.Commit(); }), HasSubstr("permanent"));
  }
  EXPECT_THAT(catalogue_->ListServers(), ElementsAre(Field(&Server::name, "norte")));
}

TEST_P(CatalogueTest, AnInnerTransactionIsStoredWithTheOuterOne) {
  {
    Transaction outer(*catalogue_);
    {
      Transaction inner(*catalogue_);
      catalogue_->AddServer({.name = "norte"});
      inner.Commit();
    }
  }
  EXPECT_THAT(catalogue_->ListServers(), IsEmpty());
}

TEST_P(CatalogueTest, ThreadsShareOneCatalogue) {
  AddCompanyWithDatabase();
  constexpr int kThreads = 4;
  constexpr int kEach = 20;
  std::vector<std::jthread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        catalogue_->FinishJob(StartJob(), {.state = JobState::kDone, .ended = kNight});
        (void)catalogue_->ListCompanies();
      }
    });
  }
  threads.clear();
  const auto jobs = catalogue_->ListJobs({.state = JobState::kDone}, SIZE_MAX);
  ASSERT_EQ(jobs.size(), static_cast<size_t>(kThreads * kEach));
  EXPECT_EQ(jobs.front().id, kThreads * kEach);
}

TEST_P(CatalogueTest, AnotherThreadNeverSeesHalfATransaction) {
  std::atomic<bool> half_seen = false;
  std::atomic<bool> over = false;
  std::jthread reader([&] {
    while (!over) {
      if (catalogue_->ListServers().size() % 2 != 0) half_seen = true;
    }
  });
  for (int i = 0; i < 20; ++i) {
    Transaction transaction(*catalogue_);
    catalogue_->AddServer({.name = "a" + std::to_string(i)});
    catalogue_->AddServer({.name = "b" + std::to_string(i)});
    transaction.Commit();
  }
  over = true;
  reader.join();
  EXPECT_FALSE(half_seen);
}

TEST_P(CatalogueTest, TwoOpenCataloguesSeeEachOthersWrites) {
  const auto other = Catalogue::Open(place_->Url());
  catalogue_->AddServer({.name = "norte"});
  EXPECT_EQ(other->ListServers().size(), 1U);
  other->AddServer({.name = "sur"});
  EXPECT_EQ(catalogue_->ListServers().size(), 2U);
}

COFRE_ON_EVERY_ENGINE(CatalogueTest);

}  // namespace
}  // namespace cofre::catalogue
