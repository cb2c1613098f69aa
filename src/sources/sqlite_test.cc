#include "sources/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/file.h"
#include "tests/support/expect_error.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {
namespace {

using test::ReadAll;
using testing::_;
using testing::HasSubstr;

// A plain connection, as an application has one.
class Application {
 public:
  explicit Application(const std::string& path) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    database_.reset(database);
    sqlite3_busy_timeout(database, 20'000);
  }

  std::string Run(const std::string& sql) {
    std::string value;
    const auto keep = [](void* into, int, char** columns, char**) {
      *static_cast<std::string*>(into) = columns[0] != nullptr ? columns[0] : "";
      return 0;
    };
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(database_.get(), sql.c_str(), keep, &value, &message), SQLITE_OK) << message << ": " << sql;
    sqlite3_free(message);
    return value;
  }

 private:
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_{nullptr, &sqlite3_close};
};

class SqliteTest : public testing::Test {
 protected:
  // Every transaction of a writer keeps the sum of all balances at 0.
  void MakeAccounts(const std::string& pragmas, int accounts = 2000) {
    Application application(path_);
    application.Run(pragmas);
    application.Run("CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER, note TEXT)");
    application.Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                    std::to_string(accounts) + ") INSERT INTO account SELECT i, 0, hex(randomblob(200)) FROM n");
  }

  std::unique_ptr<Source> MakeSource(Limits limits = {}) { return MakeSqliteSource(path_, limits, SystemClock()); }

  std::string Dump(size_t piece = 64 * 1024) { return ReadAll(*MakeSource()->Dump({}), piece); }

  // Restores what was dumped and checks that it is one moment of the accounts.
  void ExpectWholeAccounts(const std::string& dump, const std::string& accounts) {
    const std::string copy = folder_.File("copy.db");
    test::WriteAll(*MakeSource()->Restore(copy, true, {}), dump);
    Application application(copy);
    EXPECT_EQ(application.Run("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(application.Run("SELECT sum(balance) FROM account"), "0");
    EXPECT_EQ(application.Run("SELECT count(*) FROM account"), accounts);
  }

  // Runs `work` while another thread moves money about and, with a log, checkpoints it in all ways.
  void WhileAWriterIsActive(const std::function<void()>& work) {
    std::atomic<int> transfers = 0;
    std::jthread writer([&](const std::stop_token& stop) {
      Application application(path_);
      while (!stop.stop_requested()) {
        application.Run(
            "BEGIN IMMEDIATE; UPDATE account SET balance = balance + 5, note = hex(randomblob(200)) WHERE id % 97 = 3;"
            "UPDATE account SET balance = balance - 5 WHERE id % 97 = 50; COMMIT");
        if (++transfers % 7 == 0) application.Run("PRAGMA wal_checkpoint(PASSIVE)");
      }
    });
    while (transfers < 10) std::this_thread::yield();
    const int before = transfers;
    work();
    while (transfers == before) std::this_thread::yield();
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.File("año 2025.db");
};

TEST_F(SqliteTest, WithoutWritersTheDumpIsTheFile) {
  MakeAccounts("PRAGMA journal_mode = DELETE");
  EXPECT_EQ(Dump(), ReadFile(path_, 1 << 30));
  ExpectWholeAccounts(Dump(), "2000");
}

TEST_F(SqliteTest, WhatIsOnlyInTheLogIsInTheDump) {
  MakeAccounts("PRAGMA journal_mode = WAL");
  Application open(path_);
  open.Run("PRAGMA wal_autocheckpoint = 0; INSERT INTO account SELECT id + 2000, 0, note FROM account");
  ASSERT_GT(std::filesystem::file_size(path_ + "-wal"), 100'000U);
  const std::string dump = Dump();
  ExpectWholeAccounts(dump, "4000");
  open.Run("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(dump, ReadFile(path_, 1 << 30));
}

TEST_F(SqliteTest, ATransactionThatIsNotCommittedIsNotInTheDump) {
  MakeAccounts("PRAGMA journal_mode = WAL");
  Application open(path_);
  // Small enough a cache that the transaction's pages go to the log before its commit.
  open.Run("PRAGMA cache_size = 5; BEGIN; UPDATE account SET balance = 1");
  // The writer holds the lock that a dump's beginning needs.
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    open.Run("ROLLBACK");
  });
  ExpectWholeAccounts(Dump(), "2000");
}

TEST_F(SqliteTest, ADumpIsOneMomentWhileAWriterIsActiveOnALog) {
  MakeAccounts("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 20");
  WhileAWriterIsActive([&] {
    for (int i = 0; i < 10; ++i) ExpectWholeAccounts(Dump(3000), "2000");
  });
}

TEST_F(SqliteTest, ADumpIsOneMomentWhileAWriterIsActiveWithoutALog) {
  MakeAccounts("PRAGMA journal_mode = DELETE");
  WhileAWriterIsActive([&] {
    for (int i = 0; i < 5; ++i) ExpectWholeAccounts(Dump(), "2000");
  });
}

TEST_F(SqliteTest, ALogThatBeginsAnewUnderADumpDoesNotSpoilIt) {
  MakeAccounts("PRAGMA journal_mode = WAL");
  Application writer(path_);
  writer.Run("UPDATE account SET note = hex(randomblob(200)); PRAGMA wal_checkpoint(PASSIVE)");
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump({});
  Bytes first(4096);
  ASSERT_EQ(dump->Read(first), first.size());
  // All of the log is in the file, so the writer may start over in it while the dump goes on.
  writer.Run("UPDATE account SET balance = 1, note = hex(randomblob(200))");
  ExpectWholeAccounts(std::string(AsText(first)) + ReadAll(*dump), "2000");
}

TEST_F(SqliteTest, AnyPageSizeInAnyPieces) {
  for (const int size : {512, 4096, 65536}) {
    std::filesystem::remove(path_);
    MakeAccounts("PRAGMA page_size = " + std::to_string(size), 300);
    const std::string file = ReadFile(path_, 1 << 30);
    for (const size_t piece : {1U, 513U, 4096U, 70'000U, 3U << 20})
      EXPECT_EQ(Dump(piece), file) << size << " " << piece;
  }
}

TEST_F(SqliteTest, BadDatabasesAreNamed) {
  EXPECT_ERROR(MakeSource()->Dump({}), ErrorKind::kNotFound, HasSubstr(path_));
  EXPECT_ERROR(MakeSource()->Probe({}), ErrorKind::kNotFound, HasSubstr(path_));
  WriteFileAtomically(path_, AsBytes(""), 0600);
  EXPECT_ERROR(MakeSource()->Dump({}), ErrorKind::kCorrupt, HasSubstr("empty"));
  WriteFileAtomically(path_, AsBytes(std::string(5000, 'x')), 0600);
  EXPECT_ERROR(MakeSource()->Dump({}), ErrorKind::kCorrupt, HasSubstr("not a database"));
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_ERROR(MakeSource()->Dump({}), ErrorKind::kUsage, HasSubstr(path_));
}

TEST_F(SqliteTest, AStopEndsADump) {
  MakeAccounts("");
  std::stop_source stop;
  const std::unique_ptr<ByteSource> dump = MakeSource()->Dump(stop.get_token());
  stop.request_stop();
  EXPECT_ERROR(ReadAll(*dump), ErrorKind::kCancelled, _);
}

TEST_F(SqliteTest, AStopEndsTheWaitForALock) {
  MakeAccounts("PRAGMA journal_mode = WAL");
  Application writer(path_);
  writer.Run("BEGIN IMMEDIATE");
  std::stop_source stop;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  EXPECT_ERROR(MakeSource()->Dump(stop.get_token()), ErrorKind::kCancelled, _);
}

TEST_F(SqliteTest, AnEndlessDumpIsEnded) {
  MakeAccounts("");
  EXPECT_ERROR(ReadAll(*MakeSource({.endless = std::chrono::seconds(0)})->Dump({})), ErrorKind::kPermanent,
               HasSubstr("longer than"));
}

TEST_F(SqliteTest, ProbeGivesVersionAndSize) {
  MakeAccounts("PRAGMA journal_mode = DELETE");
  const ProbeResult result = MakeSource()->Probe({});
  EXPECT_THAT(result.engine_version, testing::StartsWith("3."));
  EXPECT_EQ(result.size_bytes, std::filesystem::file_size(path_));
  EXPECT_EQ(MakeSource()->DumpName(), "a_o_2025.sqlite");
}

TEST_F(SqliteTest, ARestoreOntoSomethingIsRefused) {
  MakeAccounts("");
  EXPECT_ERROR(MakeSource()->Restore(path_, false, {}), ErrorKind::kUsage, HasSubstr("exists"));
  std::filesystem::create_directory(folder_.File("folder"));
  EXPECT_ERROR(MakeSource()->Restore(folder_.File("folder"), true, {}), ErrorKind::kUsage, HasSubstr("folder"));
  EXPECT_ERROR(MakeSource()->Restore(folder_.File("no/such/file"), false, {}), ErrorKind::kNotFound, _);
}

TEST_F(SqliteTest, AnInterruptedRestoreLeavesNothingAndTheOldOneInPlace) {
  MakeAccounts("PRAGMA journal_mode = DELETE");
  const std::string before = ReadFile(path_, 1 << 30);
  {
    const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(path_, true, {});
    restore->Write(AsBytes(before).first(10'000));
  }
  EXPECT_EQ(ReadFile(path_, 1 << 30), before);
  const std::filesystem::directory_iterator files(folder_.path());
  EXPECT_EQ(std::distance(files, {}), 1);
}

TEST_F(SqliteTest, ADamagedDumpReplacesNothing) {
  MakeAccounts("PRAGMA journal_mode = DELETE");
  const std::string before = ReadFile(path_, 1 << 30);
  std::string damaged = before;
  damaged.replace(20'000, 4096, 4096, 'x');
  EXPECT_ERROR(test::WriteAll(*MakeSource()->Restore(path_, true, {}), damaged), ErrorKind::kCorrupt, _);
  EXPECT_ERROR(test::WriteAll(*MakeSource()->Restore(path_, true, {}), ""), ErrorKind::kCorrupt, _);
  EXPECT_EQ(ReadFile(path_, 1 << 30), before);
}

TEST_F(SqliteTest, ADatabaseInUseIsNotReplaced) {
  MakeAccounts("PRAGMA journal_mode = WAL");
  const std::string dump = Dump();
  Application open(path_);
  open.Run("UPDATE account SET balance = 7");
  const std::unique_ptr<ByteSink> restore = MakeSource()->Restore(path_, true, {});
  EXPECT_ERROR(test::WriteAll(*restore, dump), ErrorKind::kTransient, HasSubstr("locked"));
  EXPECT_EQ(open.Run("SELECT sum(balance) FROM account"), "14000");
}

TEST_F(SqliteTest, AReplacedDatabaseLeavesNoLogBehind) {
  MakeAccounts("PRAGMA journal_mode = WAL");
  const std::string dump = Dump();
  Application(path_).Run("PRAGMA wal_autocheckpoint = 0; UPDATE account SET balance = 7");
  test::WriteAll(*MakeSource()->Restore(path_, true, {}), dump);
  EXPECT_EQ(Application(path_).Run("SELECT sum(balance) FROM account"), "0");
}

TEST_F(SqliteTest, ADestroyedDatabaseCanBeReplaced) {
  MakeAccounts("PRAGMA journal_mode = DELETE");
  const std::string dump = Dump();
  WriteFileAtomically(path_, AsBytes(std::string(5000, 'x')), 0640);
  WriteFileAtomically(path_ + "-journal", AsBytes(dump), 0640);
  test::WriteAll(*MakeSource()->Restore(path_, true, {}), dump);
  EXPECT_FALSE(std::filesystem::exists(path_ + "-journal"));
  EXPECT_EQ(Application(path_).Run("SELECT count(*) FROM account"), "2000");
}

TEST_F(SqliteTest, ALogWithoutItsDatabaseIsInTheWay) {
  MakeAccounts("");
  const std::string target = folder_.File("new.db");
  WriteFileAtomically(target + "-wal", AsBytes("something"), 0600);
  EXPECT_ERROR(MakeSource()->Restore(target, false, {}), ErrorKind::kUsage, HasSubstr("-wal"));
}

}  // namespace
}  // namespace cofre::sources
