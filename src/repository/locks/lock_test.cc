#include "repository/locks/lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "repository/locks/lock_record.h"
#include "tests/support/faulty_store.h"
#include "tests/support/small_repository.h"

namespace cofre::repository {
namespace {

using std::chrono::minutes;
using test::FaultyStore;
using test::SmallRepository;
using testing::HasSubstr;

class LockTest : public testing::Test {
 protected:
  LockTest() : store_(std::make_shared<FaultyStore>(std::make_shared<storage::MemoryStore>())), small_(store_) {
    small_.Initialize();
    repository_ = small_.Open();
    small_.environment.process_identity = "host/boot/4712/1";
    small_.environment.process_id = 4712;
    small_.environment.has_ended = [this](const std::string& identity) { return ended_.contains(identity); };
    other_ = small_.Open();
    store_->ResetCounts();
  }

  Repository::State& Mine() { return repository_->state(); }
  Repository::State& Others() { return other_->state(); }

  std::vector<storage::ObjectInfo> Locks() { return storage::ListAll(*small_.store, "locks/", {}); }

  // A lock object as a process that nobody knows would leave it.
  void Plant(const LockRecord& record) { Mine().SaveUnpacked(FileKind::kLock, LockToJson(record), {}); }

  static void ExpectConflict(Repository::State& state, LockMode mode, const std::string& message) {
    try {
      const RepositoryLock lock(state, mode, {});
      ADD_FAILURE() << "locked";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kTransient);
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }

  template <typename Condition>
  static bool Eventually(Condition&& condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  std::shared_ptr<FaultyStore> store_;
  SmallRepository small_;
  std::set<std::string> ended_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<Repository> other_;
};

TEST_F(LockTest, CostsTwoRequestsToTakeAndOneToLetGo) {
  {
    const RepositoryLock lock(Mine(), LockMode::kShared, {});
    EXPECT_EQ(store_->CountAll(), 2u);
    EXPECT_EQ(Locks().size(), 1u);
    store_->ResetCounts();
  }
  EXPECT_EQ(store_->CountAll(), 1u);
  EXPECT_TRUE(Locks().empty());
}

TEST_F(LockTest, SharedOnesStandBesideEachOther) {
  const RepositoryLock mine(Mine(), LockMode::kShared, {});
  const RepositoryLock others(Others(), LockMode::kShared, {});
  EXPECT_EQ(Locks().size(), 2u);
}

TEST_F(LockTest, AnExclusiveOneExcludesEverything) {
  const RepositoryLock mine(Mine(), LockMode::kExclusive, {});
  ExpectConflict(Others(), LockMode::kShared, "locked exclusively by cofre@host, process 4711");
  ExpectConflict(Others(), LockMode::kExclusive, "locked exclusively by cofre@host, process 4711");
  EXPECT_EQ(Locks().size(), 1u) << "who was refused left something behind";
}

TEST_F(LockTest, ASharedOneExcludesExclusiveOnes) {
  const RepositoryLock mine(Mine(), LockMode::kShared, {});
  ExpectConflict(Others(), LockMode::kExclusive, "locked by cofre@host");
}

TEST_F(LockTest, TwoOperationsOfOneProcessExcludeEachOtherWithoutReadingLocks) {
  const RepositoryLock first(Mine(), LockMode::kExclusive, {});
  store_->ResetCounts();
  ExpectConflict(Mine(), LockMode::kShared, "another operation of this process");
  EXPECT_EQ(store_->Count(FaultyStore::Operation::kGet), 0u);
}

TEST_F(LockTest, ALockOfOursWhoseProcessHasEndedIsRemoved) {
  Plant({.time = small_.clock.Now(), .exclusive = true, .hostname = "cofre@host", .username = "host/boot/99/7"});
  ExpectConflict(Others(), LockMode::kShared, "cofre@host");
  ended_.insert("host/boot/99/7");
  const RepositoryLock lock(Others(), LockMode::kExclusive, {});
  EXPECT_EQ(Locks().size(), 1u);
}

TEST_F(LockTest, ALockOfAnotherHostIsNotJudgedByItsProcess) {
  ended_.insert("host/boot/99/7");
  Plant({.time = small_.clock.Now(), .exclusive = true, .hostname = "cofre@elsewhere", .username = "host/boot/99/7"});
  ExpectConflict(Others(), LockMode::kShared, "cofre@elsewhere");
}

TEST_F(LockTest, AnybodysLockIsStaleAfterHalfAnHour) {
  Plant({.time = small_.clock.Now(), .exclusive = true, .hostname = "pc", .username = "root", .process_id = 17});
  small_.clock.Advance(minutes(30));
  ExpectConflict(Mine(), LockMode::kShared, "by pc, process 17, since 2019-12-20T00:00:00Z");
  small_.clock.Advance(minutes(1));
  const RepositoryLock lock(Mine(), LockMode::kExclusive, {});
  EXPECT_EQ(Locks().size(), 1u);
}

TEST_F(LockTest, AnUnreadableLockIsNotIgnored) {
  Mine().store->Put(KeyOf(FileKind::kLock, Sha256(AsBytes("junk"))), AsBytes("junk"), std::nullopt, {});
  try {
    const RepositoryLock lock(Mine(), LockMode::kShared, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(error.hint(), HasSubstr("unlock"));
  }
}

TEST_F(LockTest, EmptyAndForeignObjectsAreIgnored) {
  Mine().store->Put(KeyOf(FileKind::kLock, Sha256(AsBytes("x"))), {}, std::nullopt, {});
  Mine().store->Put("locks/README", AsBytes("x"), std::nullopt, {});
  const RepositoryLock lock(Mine(), LockMode::kExclusive, {});
}

TEST_F(LockTest, ALockWhosePutLostItsAnswerIsNotLeftBehind) {
  store_->FailNth(1, FaultyStore::Fault::kLostAnswer);
  EXPECT_THROW(RepositoryLock(Mine(), LockMode::kExclusive, {}), Error);
  store_->Heal();
  EXPECT_TRUE(Locks().empty());
}

TEST_F(LockTest, ALockThatCouldNotBeDeletedIsDeletedByTheNextOperation) {
  {
    const RepositoryLock lock(Mine(), LockMode::kExclusive, {});
    store_->FailNth(1, FaultyStore::Fault::kError);
  }
  store_->Heal();
  EXPECT_EQ(Locks().size(), 1u);
  { const RepositoryLock lock(Mine(), LockMode::kExclusive, {}); }
  EXPECT_TRUE(Locks().empty());
}

TEST_F(LockTest, IsLetGoEvenWhenItsHolderWasCancelled) {
  std::stop_source source;
  {
    const RepositoryLock lock(Mine(), LockMode::kShared, source.get_token());
    source.request_stop();
    EXPECT_TRUE(lock.token().stop_requested());
  }
  EXPECT_TRUE(Locks().empty());
}

TEST_F(LockTest, IsRefreshedAfterFiveMinutes) {
  const RepositoryLock lock(Mine(), LockMode::kExclusive, {});
  const std::string before = Locks().at(0).key;
  small_.clock.Advance(minutes(5));
  EXPECT_TRUE(Eventually([&] { return Locks().size() == 1 && Locks().at(0).key != before; }));
  small_.clock.Advance(minutes(4));
  ExpectConflict(Others(), LockMode::kShared, "since 2019-12-20T00:05:00Z");
}

TEST_F(LockTest, IsLostWhenItCannotBeRefreshedInTime) {
  std::stop_source source;
  const RepositoryLock lock(Mine(), LockMode::kExclusive, source.get_token());
  store_->SetScript([](const FaultyStore::Call& call) {
    return call.operation == FaultyStore::Operation::kPut ? FaultyStore::Fault::kError : FaultyStore::Fault::kNone;
  });
  small_.clock.Advance(minutes(22));
  EXPECT_NO_THROW(lock.RequireHeld());
  small_.clock.Advance(minutes(1));
  EXPECT_TRUE(Eventually([&] { return lock.token().stop_requested(); }));
  EXPECT_FALSE(source.stop_requested());
  try {
    lock.RequireHeld();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  }
  store_->Heal();
}

TEST_F(LockTest, WhatALostLockInterruptedIsTransientAndNotCancelled) {
  store_->SetScript([](const FaultyStore::Call& call) {
    return call.operation == FaultyStore::Operation::kPut && call.number > 1 ? FaultyStore::Fault::kError
                                                                             : FaultyStore::Fault::kNone;
  });
  try {
    UnderLock(Mine(), LockMode::kShared, {}, [&](const RepositoryLock& lock) {
      small_.clock.Advance(minutes(23));
      Eventually([&] { return lock.token().stop_requested(); });
      throw Error(ErrorKind::kCancelled, "cancelled");
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  }
}

TEST(LockRecordTest, IsWrittenInResticsOrderAndReadBack) {
  const LockRecord record{TimePoint(minutes(1)), true, "cofre@h", "h/b:1/2/3", 2};
  const std::string json = LockToJson(record);
  EXPECT_EQ(json,
            R"({"time":"1970-01-01T00:01:00Z","exclusive":true,"hostname":"cofre@h","username":"h/b:1/2/3","pid":2})");
  EXPECT_EQ(LockToJson(LockFromJson(AsBytes(json))), json);
}

TEST(LockRecordTest, WhatIsNoLockIsCorrupt) {
  for (const char* json : {"", "{}", "[]", R"({"time":"x"})", R"({"time":"1970-01-01T00:01:00Z","exclusive":1})",
                           R"({"time":"1970-01-01T00:01:00Z","pid":-1})", R"({"time":"1970-01-01T00:01:00Z"}x)"}) {
    EXPECT_THROW(LockFromJson(AsBytes(json)), Error) << json;
  }
}

}  // namespace
}  // namespace cofre::repository
