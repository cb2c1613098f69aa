#include "service/ready_databases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/child_process.h"
#include "service/service_test_vault.h"
#include "tests/support/firebird_company.h"
#include "tests/support/servers.h"

namespace cofre::service {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* kCompany = "900000001";

class ReadyDatabasesTest : public testing::Test {
 protected:
  explicit ReadyDatabasesTest(Engine engine = Engine::kSqlite)
      : vault_("[api]\nbases_cantidad = 2\nbases_horas = 3\n") {
    vault_.catalogue().AddServer({.name = "local", .engine = engine});
    vault_.catalogue().AddCompany({.id = kCompany, .name = "Uno", .server = "local"});
    vault_.catalogue().AddDatabase({.company = kCompany, .fiscal_year = 2026, .path = database_}, vault_.clock.Now());
  }

  Backup MakeBackup() {
    vault_.Enqueue(kCompany);
    const Job job = vault_.RunNext().value();
    EXPECT_EQ(job.state, JobState::kDone) << job.message;
    return vault_.catalogue().FindBackup(job.snapshot_id);
  }
  int64_t Order(const Backup& backup) {
    return vault_.catalogue().EnqueueJob({.kind = JobKind::kExport,
                                          .company = kCompany,
                                          .fiscal_year = 2026,
                                          .queued = vault_.clock.Now(),
                                          .snapshot_id = backup.snapshot_id});
  }
  std::optional<ReadyDatabase> Find(const Backup& backup) {
    return FindReadyDatabase(vault_.catalogue(), vault_.config, backup, vault_.clock.Now());
  }
  fs::path Folder(int64_t job) { return fs::path(vault_.config.api.databases_folder) / std::to_string(job); }
  void Sweep() { SweepReadyDatabases(vault_.catalogue(), vault_.config, vault_.clock.Now()); }

  ServiceVault vault_;
  const std::string database_ = vault_.folder.File("datos");
};

class ReadySqliteTest : public ReadyDatabasesTest {
 protected:
  void SetUp() override { MakeDatabase("1"); }
  void MakeDatabase(const std::string& value) const {
    const io::ProcessEnd made = io::RunProgram(
        {.arguments = {"sqlite3", database_, "DROP TABLE IF EXISTS t; CREATE TABLE t AS SELECT " + value + " AS x"}},
        "", {.stall = 30s, .total = 30s}, SystemClock(), {});
    ASSERT_EQ(made.exit_status, 0) << made.errors;
  }
};

TEST_F(ReadySqliteTest, AJobMakesItAndItIsThereForItsTime) {
  const Backup backup = MakeBackup();
  EXPECT_FALSE(Find(backup));
  const int64_t id = Order(backup);
  const Job job = vault_.RunNext().value();
  EXPECT_EQ(job.state, JobState::kDone) << job.message;
  EXPECT_EQ(job.bytes, backup.dump_bytes);
  const auto ready = Find(backup);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->job.id, id);
  EXPECT_EQ(ready->bytes, fs::file_size(ready->file));
  EXPECT_EQ(ready->expires, vault_.clock.Now() + 3h);
  vault_.clock.Advance(2h);
  Sweep();
  EXPECT_TRUE(Find(backup));
  vault_.clock.Advance(1h);
  EXPECT_FALSE(Find(backup));
  Sweep();
  EXPECT_FALSE(fs::exists(Folder(id)));
}

TEST_F(ReadySqliteTest, EachBackupHasItsOwn) {
  const Backup first = MakeBackup();
  MakeDatabase("2");
  vault_.clock.Advance(24h);
  const Backup second = MakeBackup();
  ASSERT_NE(first.snapshot_id, second.snapshot_id);
  EXPECT_NE(Order(first), Order(second));
  EXPECT_EQ(Order(first), Order(first));
  vault_.RunAll();
  ASSERT_TRUE(Find(first) && Find(second));
  EXPECT_NE(Find(first)->file, Find(second)->file);
}

TEST_F(ReadySqliteTest, OneIsMadeAtATimeAndBackupsGoOn) {
  const Backup backup = MakeBackup();
  Order(backup);
  const auto claim = [&] {
    return vault_.catalogue().ClaimJob({.owner = OwnProcessIdentity(), .now = vault_.clock.Now()});
  };
  ASSERT_EQ(claim()->kind, JobKind::kExport);
  Order(backup);
  EXPECT_FALSE(claim());
  vault_.Enqueue(kCompany);
  EXPECT_EQ(claim()->kind, JobKind::kBackup);
}

TEST_F(ReadySqliteTest, ThereAreNoMoreThanMayBe) {
  const Backup backup = MakeBackup();
  for (int i = 0; i < 2; ++i) {
    Order(backup);
    EXPECT_EQ(vault_.RunNext()->state, JobState::kDone);
  }
  const int64_t third = Order(backup);
  const Job job = vault_.RunNext().value();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.error_kind, "quota");
  EXPECT_THAT(job.message, HasSubstr("bases_cantidad"));
  EXPECT_EQ(job.snapshot_id, backup.snapshot_id);
  EXPECT_FALSE(fs::exists(Folder(third)));
}

TEST_F(ReadySqliteTest, TogetherTheyTakeNoMoreThanTheyMay) {
  const Backup backup = MakeBackup();
  Config config = vault_.config;
  config.api.databases_limit_bytes = backup.dump_bytes;
  vault_.wiring = std::make_shared<Wiring>(config, vault_.clock);
  const int64_t id = Order(backup);
  const Job job = vault_.RunNext().value();
  EXPECT_EQ(job.error_kind, "quota");
  EXPECT_THAT(job.message, HasSubstr("bases_gb"));
  EXPECT_FALSE(fs::exists(Folder(id)));
}

TEST_F(ReadySqliteTest, WhatACrashLeftIsSweptAndNothingElse) {
  const Backup backup = MakeBackup();
  const int64_t id = Order(backup);
  vault_.RunNext();
  const std::string all = vault_.config.api.databases_folder;
  // Of a job that nobody knows, of one that was cancelled, and what is none of ours.
  fs::create_directories(Folder(4711) / ".base.cofre");
  WriteFileAtomically((Folder(4711) / "base").string(), AsBytes("half"), 0600);
  const int64_t cancelled = Order(backup);
  vault_.catalogue().CancelQueuedJob(cancelled, vault_.clock.Now(), "x");
  fs::create_directories(Folder(cancelled));
  fs::create_directories(all + "/lost+found");
  Sweep();
  EXPECT_FALSE(fs::exists(Folder(4711)));
  EXPECT_FALSE(fs::exists(Folder(cancelled)));
  EXPECT_TRUE(fs::exists(all + "/lost+found"));
  EXPECT_TRUE(fs::exists(Folder(id)));
}

TEST_F(ReadySqliteTest, WhatIsDamagedLeavesNothing) {
  const Backup backup = MakeBackup();
  for (const auto& entry : fs::recursive_directory_iterator(vault_.folder.File("store"))) {
    if (!entry.is_regular_file() || entry.path().string().find("/data/") == std::string::npos) continue;
    fs::permissions(entry.path(), fs::perms::owner_all);
    fs::resize_file(entry.path(), entry.file_size() / 2);
  }
  const int64_t id = Order(backup);
  EXPECT_EQ(vault_.RunNext()->state, JobState::kFailed);
  EXPECT_FALSE(fs::exists(Folder(id)));
  EXPECT_FALSE(Find(backup));
}

class ReadyFirebirdTest : public ReadyDatabasesTest {
 protected:
  ReadyFirebirdTest() : ReadyDatabasesTest(Engine::kFirebird) {}
};

TEST_F(ReadyFirebirdTest, ItHoldsWhatWasBackedUp) {
  COFRE_REQUIRE_FIREBIRD_TOOLS();
  test::CreateCompany(database_);
  const std::string content = test::Fingerprint(database_);
  const Backup backup = MakeBackup();
  Order(backup);
  const Job job = vault_.RunNext().value();
  ASSERT_EQ(job.state, JobState::kDone) << job.message;
  EXPECT_EQ(test::Fingerprint(Find(backup)->file), content);
}

}  // namespace
}  // namespace cofre::service
