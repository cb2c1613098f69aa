// The queue of jobs, and what the service keeps beside it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/soci.h>

#include <set>
#include <thread>

#include "base/processor_time.h"
#include "catalogue/backend.h"
#include "catalogue/catalogue.h"
#include "catalogue/catalogue_test_suite.h"
#include "tests/support/expect_error.h"
#include "tests/support/manual_clock.h"

namespace cofre::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr TimePoint kNight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 6h};
constexpr const char* kOwner = "host/boot/1/1";

bool Anybody(const std::string&) { return true; }
bool Nobody(const std::string&) { return false; }

class QueueTest : public CatalogueSuite {
 protected:
  QueueTest() {
    catalogue_->AddServer({.name = "a", .max_concurrent = 2});
    catalogue_->AddServer({.name = "b", .max_concurrent = 1});
    AddCompany("11111", "a");
    AddCompany("22222", "a");
    AddCompany("33333", "a");
    AddCompany("44444", "b");
  }
  void AddCompany(const std::string& id, const std::string& server) {
    catalogue_->AddCompany({.id = id, .name = "x", .server = server});
    catalogue_->AddDatabase({.company = id, .fiscal_year = 2026, .path = "/x"}, kNight);
  }
  static Job Order(const std::string& company, int priority = 0, JobKind kind = JobKind::kBackup) {
    return {.kind = kind,
            .reason = JobReason::kScheduled,
            .company = company,
            .fiscal_year = 2026,
            .priority = priority,
            .queued = kNight};
  }
  int64_t Enqueue(const std::string& company, int priority = 0, JobKind kind = JobKind::kBackup) {
    return catalogue_->EnqueueJob(Order(company, priority, kind));
  }
  // Of company 11111's database.
  DatabaseState Known() { return catalogue_->ListDatabaseStates().at(0); }
  // The id of the job, or 0.
  int64_t Claim(TimePoint now = kNight) {
    claimed_ = catalogue_->ClaimJob({.owner = kOwner, .now = now, .lease_until = now + 2min});
    return claimed_ ? claimed_->id : 0;
  }

  std::optional<Job> claimed_;
};

TEST_P(QueueTest, AJobIsQueuedClaimedAndEnded) {
  Job order = Order("11111", 5);
  order.due = kNight - 1h;
  order.late = true;
  order.batch = catalogue_->NewestBatch() + 1;
  order.scheduled_day = 20781;
  order.pinned_until = kNight + 24h;
  order.attempt = 2;
  order.id = catalogue_->EnqueueJob(order);
  order.state = JobState::kQueued;
  EXPECT_THAT(catalogue_->ListJobs({}, 9), ElementsAre(order));

  EXPECT_EQ(Claim(), order.id);
  order.state = JobState::kRunning;
  order.owner = kOwner;
  order.started = kNight;
  order.token = claimed_->token;
  order.lease_until = kNight + 2min;
  EXPECT_EQ(*claimed_, order);
  EXPECT_EQ(catalogue_->GetJob(order.id), order);

  catalogue_->FinishJob(
      order.id, {.state = JobState::kDone, .ended = kNight + 1min, .bytes = 7, .stored_bytes = 3, .snapshot_id = "ab"},
      order.token);
  const Job ended = catalogue_->GetJob(order.id);
  EXPECT_EQ(ended.bytes, 7U);
  EXPECT_EQ(ended.stored_bytes, 3U);
  EXPECT_EQ(ended.snapshot_id, "ab");
  EXPECT_EQ(ended.lease_until, std::nullopt);
}

TEST_P(QueueTest, TheLowestPriorityGoesFirstThenTheOldest) {
  const int64_t first = Enqueue("11111", 2);
  const int64_t pressing = Enqueue("22222", 1);
  const int64_t second = Enqueue("44444", 2);
  EXPECT_EQ(Claim(), pressing);
  EXPECT_EQ(Claim(), first);
  EXPECT_EQ(Claim(), second);
  EXPECT_EQ(Claim(), 0);
}

TEST_P(QueueTest, AServerBearsNoMoreBackupsThanItsLimit) {
  Enqueue("11111");
  Enqueue("22222");
  const int64_t third = Enqueue("33333");
  ASSERT_NE(Claim(), 0);
  const Job first = *claimed_;
  ASSERT_NE(Claim(), 0);
  EXPECT_EQ(Claim(), 0);
  // What does not touch the server may run.
  const int64_t prune = Enqueue("44444", 0, JobKind::kPrune);
  EXPECT_EQ(Claim(), prune);
  catalogue_->FinishJob(first.id, {.ended = kNight}, first.token);
  EXPECT_EQ(Claim(), third);
}

TEST_P(QueueTest, AServerThatFailsIsLeftAloneThenTriedWithOneBackupAtATime) {
  catalogue_->PutServerState({.server = "a", .failures = 5, .pauses = 1, .paused_until = kNight + 10min});
  const int64_t first = Enqueue("11111");
  Enqueue("22222");
  EXPECT_EQ(Claim(kNight), 0);
  Job asked = Order("33333");
  asked.reason = JobReason::kManual;
  const int64_t manual = catalogue_->EnqueueJob(asked);
  EXPECT_EQ(Claim(kNight), manual);
  catalogue_->FinishJob(manual, {.ended = kNight}, claimed_->token);
  EXPECT_EQ(Claim(kNight + 10min), first);
  EXPECT_EQ(Claim(kNight + 10min), 0);
}

TEST_P(QueueTest, ACompanyHasOneJobAtATimeRestoresAside) {
  const int64_t restore =
      catalogue_->StartJob({.kind = JobKind::kRestore, .company = "11111", .started = kNight, .owner = kOwner});
  const int64_t backup = Enqueue("11111");
  const int64_t verify = Enqueue("11111", 0, JobKind::kVerify);
  EXPECT_EQ(Claim(), backup);
  EXPECT_EQ(Claim(), 0);
  catalogue_->FinishJob(backup, {.ended = kNight}, claimed_ ? claimed_->token : catalogue_->GetJob(backup).token);
  EXPECT_EQ(Claim(), verify);
  catalogue_->FinishJob(restore, {.ended = kNight});
}

TEST_P(QueueTest, AJobOfTheCommandLineKeepsTheCompanyToo) {
  Enqueue("11111");
  const int64_t direct = catalogue_->StartJob({.company = "11111", .started = kNight, .owner = kOwner});
  EXPECT_EQ(Claim(), 0);
  catalogue_->FinishJob(direct, {.ended = kNight});
  EXPECT_NE(Claim(), 0);
}

TEST_P(QueueTest, AJobIsNotClaimedBeforeItsTime) {
  Job order = Order("11111");
  order.not_before = kNight + 5min;
  const int64_t id = catalogue_->EnqueueJob(order);
  EXPECT_EQ(Claim(kNight), 0);
  EXPECT_EQ(catalogue_->NextQueuedTime(kNight), kNight + 5min);
  EXPECT_EQ(catalogue_->NextQueuedTime(kNight + 5min), std::nullopt);
  EXPECT_EQ(Claim(kNight + 5min), id);
}

TEST_P(QueueTest, AClaimThatWaitedForItsTurnIsDatedWhenItHadIt) {
  Enqueue("11111");
  const test::ManualClock later(kNight + 3s);
  const auto job =
      catalogue_->ClaimJob({.owner = kOwner, .now = kNight, .lease_until = kNight + 2min, .clock = &later});
  ASSERT_TRUE(job);
  EXPECT_EQ(catalogue_->GetJob(job->id).started, kNight + 3s);
  EXPECT_EQ(catalogue_->GetJob(job->id).lease_until, kNight + 2min + 3s);
}

TEST_P(QueueTest, ADatabaseIsQueuedOnceAndTheMorePressingReasonWins) {
  Job order = Order("11111", 5);
  order.not_before = kNight + 1h;
  const int64_t id = catalogue_->EnqueueJob(order);
  Job manual = Order("11111", 0);
  manual.reason = JobReason::kManual;
  manual.pinned_until = kNight + 48h;
  EXPECT_EQ(catalogue_->EnqueueJob(manual), id);
  const Job queued = catalogue_->GetJob(id);
  EXPECT_EQ(queued.priority, 0);
  EXPECT_EQ(queued.reason, JobReason::kManual);
  EXPECT_EQ(queued.not_before, TimePoint{});
  EXPECT_EQ(queued.pinned_until, kNight + 48h);
  EXPECT_NE(Enqueue("11111", 1, JobKind::kVerify), id);
  Enqueue("11111", 1);
  EXPECT_EQ(catalogue_->GetJob(id).priority, 0);
}

TEST_P(QueueTest, AnUnknownCompanyIsNotQueued) {
  EXPECT_ERROR(Enqueue("99999"), ErrorKind::kNotFound, HasSubstr("99999"));
}

TEST_P(QueueTest, PausesHoldBackAllThatNobodyAskedForByHand) {
  Enqueue("11111");
  const int64_t other = Enqueue("44444");
  EXPECT_TRUE(catalogue_->AddPause("a", kNight));
  EXPECT_FALSE(catalogue_->AddPause("a", kNight + 1h));
  EXPECT_EQ(catalogue_->ListPauses(), (std::vector<Pause>{{"a", kNight}}));
  EXPECT_EQ(Claim(), other);
  EXPECT_EQ(Claim(), 0);

  Job manual = Order("22222");
  manual.reason = JobReason::kManual;
  const int64_t asked = catalogue_->EnqueueJob(manual);
  EXPECT_TRUE(catalogue_->AddPause("", kNight));
  EXPECT_EQ(Claim(), asked);
  EXPECT_TRUE(catalogue_->RemovePause("a"));
  EXPECT_FALSE(catalogue_->RemovePause("a"));
  EXPECT_EQ(Claim(), 0);
  EXPECT_TRUE(catalogue_->RemovePause(""));
  EXPECT_NE(Claim(), 0);
}

TEST_P(QueueTest, OnlyTheLatestClaimMayRenewAndEndAJob) {
  const int64_t id = Enqueue("11111");
  ASSERT_EQ(Claim(), id);
  const int64_t token = claimed_->token;
  EXPECT_TRUE(catalogue_->RenewJob(id, token, kNight + 5min, 1234));
  EXPECT_EQ(catalogue_->GetJob(id).bytes, 1234U);
  EXPECT_FALSE(catalogue_->RenewJob(id, token + 1, kNight + 5min, 1));
  EXPECT_ERROR((catalogue_->FinishJob(id, {.ended = kNight}, token + 1), 0), ErrorKind::kNotFound, HasSubstr("claim"));

  ASSERT_EQ(catalogue_->MarkRunningJobsInterrupted(Nobody, kNight + 1min).size(), 1U);
  EXPECT_FALSE(catalogue_->RenewJob(id, token, kNight + 9min, 2));
  EXPECT_ERROR((catalogue_->FinishJob(id, {.ended = kNight}, token), 0), ErrorKind::kNotFound, HasSubstr("claim"));
}

TEST_P(QueueTest, AnOverdueLeaseEndsAJobUnlessItsOwnerIsSeen) {
  const int64_t id = Enqueue("11111");
  ASSERT_EQ(Claim(), id);
  EXPECT_THAT(catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 1min), IsEmpty());
  EXPECT_THAT(catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 24h, Anybody), IsEmpty());
  EXPECT_THAT(catalogue_->MarkRunningJobsInterrupted(Anybody, kNight + 2min, Nobody), ElementsAre(Field(&Job::id, id)));
}

TEST_P(QueueTest, AJobWhoseCompanyIsBusyGoesBackIntoTheQueue) {
  const int64_t id = Enqueue("11111");
  ASSERT_EQ(Claim(), id);
  const int64_t token = claimed_->token;
  catalogue_->RequeueJob(id, token, kNight + 1min);
  EXPECT_EQ(Claim(kNight), 0);
  EXPECT_ERROR((catalogue_->FinishJob(id, {.ended = kNight}, token), 0), ErrorKind::kNotFound, HasSubstr("claim"));
  EXPECT_ERROR((catalogue_->RequeueJob(id, token, kNight), 0), ErrorKind::kNotFound, HasSubstr("claim"));
  ASSERT_EQ(Claim(kNight + 1min), id);
  EXPECT_GT(claimed_->token, token);
  // Somebody asks for the same meanwhile.
  const int64_t other = Enqueue("11111");
  catalogue_->RequeueJob(id, claimed_->token, kNight + 2min);
  EXPECT_EQ(catalogue_->GetJob(id).state, JobState::kInterrupted);
  EXPECT_EQ(Claim(kNight + 2min), other);
}

TEST_P(QueueTest, AQueuedJobIsCancelledARunningOneIsNot) {
  const int64_t id = Enqueue("11111");
  EXPECT_TRUE(catalogue_->CancelQueuedJob(id, kNight, "the company is disabled"));
  EXPECT_EQ(catalogue_->GetJob(id).state, JobState::kInterrupted);
  EXPECT_FALSE(catalogue_->CancelQueuedJob(id, kNight, ""));
  const int64_t running = Enqueue("11111");
  ASSERT_EQ(Claim(), running);
  EXPECT_FALSE(catalogue_->CancelQueuedJob(running, kNight, ""));
}

TEST_P(QueueTest, RemovingACompanyEndsWhatIsQueuedForIt) {
  const int64_t id = Enqueue("11111");
  catalogue_->RemoveCompany("11111", Contents::kForget);
  EXPECT_EQ(catalogue_->GetJob(id).state, JobState::kInterrupted);
  EXPECT_EQ(Claim(), 0);
}

TEST_P(QueueTest, SeveralProcessesNeverGetTheSameJob) {
  for (int i = 0; i < 40; ++i) {
    const std::string id = std::to_string(50000 + i);
    AddCompany(id, "a");
    Enqueue(id, 0, JobKind::kVerify);
  }
  std::mutex mutex;
  std::multiset<int64_t> claimed;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto catalogue = Catalogue::Open(place_->Url());
      while (const auto job = catalogue->ClaimJob({.owner = kOwner, .now = kNight, .lease_until = kNight + 2min})) {
        const std::lock_guard guard(mutex);
        claimed.insert(job->id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(claimed.size(), 40U);
  EXPECT_EQ(std::set<int64_t>(claimed.begin(), claimed.end()).size(), 40U);
}

TEST_P(QueueTest, ALeaseHasOneHolder) {
  EXPECT_EQ(catalogue_->LeaseHolder("plan", kNight, Anybody), std::nullopt);
  EXPECT_TRUE(catalogue_->TakeLease("plan", "one", kNight, kNight + 1min, Anybody));
  EXPECT_FALSE(catalogue_->TakeLease("plan", "two", kNight + 59s, kNight + 2min, Anybody));
  EXPECT_TRUE(catalogue_->TakeLease("plan", "one", kNight + 59s, kNight + 2min, Anybody));
  EXPECT_EQ(catalogue_->LeaseHolder("plan", kNight + 1min, Anybody), "one");
  // Its holder's process is gone; or the lease is over.
  EXPECT_TRUE(catalogue_->TakeLease("plan", "two", kNight + 61s, kNight + 3min, Nobody));
  EXPECT_TRUE(catalogue_->TakeLease("plan", "three", kNight + 3min, kNight + 4min, Anybody));
  catalogue_->ReleaseLease("plan", "two");
  EXPECT_EQ(catalogue_->LeaseHolder("plan", kNight + 3min, Anybody), "three");
  catalogue_->ReleaseLease("plan", "three");
  EXPECT_EQ(catalogue_->LeaseHolder("plan", kNight + 3min, Anybody), std::nullopt);
}

TEST_P(QueueTest, WhatIsKnownOfAServerIsKept) {
  EXPECT_THAT(catalogue_->ListServerStates(), IsEmpty());
  ServerState state{.server = "a", .failures = 1};
  catalogue_->PutServerState(state);
  state = {.server = "a",
           .failures = 5,
           .pauses = 1,
           .failing_since = kNight,
           .paused_until = kNight + 1h,
           .recovered_at = kNight - 1h,
           .last_error = "unreachable"};
  catalogue_->PutServerState(state);
  EXPECT_THAT(catalogue_->ListServerStates(), ElementsAre(state));
  EXPECT_EQ(catalogue_->FindServerState("a"), state);
  EXPECT_EQ(catalogue_->FindServerState("b"), std::nullopt);
  EXPECT_ERROR((catalogue_->PutServerState({.server = "nowhere"}), 0), ErrorKind::kNotFound, HasSubstr("nowhere"));
}

TEST_P(QueueTest, AServerTakesItsStateAndPauseWithIt) {
  catalogue_->AddServer({.name = "c"});
  catalogue_->PutServerState({.server = "c", .failures = 1});
  catalogue_->AddPause("c", kNight);
  catalogue_->RemoveServer("c");
  EXPECT_THAT(catalogue_->ListServerStates(), IsEmpty());
  EXPECT_THAT(catalogue_->ListPauses(), IsEmpty());
}

TEST_P(QueueTest, WhatIsKnownOfACompanyIsKeptAndGoesWithIt) {
  const CompanyState state{.company = "11111",
                           .stored_bytes = 7,
                           .measured_at = kNight,
                           .wants_prune_since = kNight + 1h,
                           .pruned_at = kNight + 2h,
                           .verified_at = kNight + 3h};
  catalogue_->PutCompanyState({.company = "11111"});
  EXPECT_EQ(catalogue_->FindCompanyState("11111"), CompanyState{.company = "11111"});
  catalogue_->PutCompanyState(state);
  EXPECT_THAT(catalogue_->ListCompanyStates(), ElementsAre(state));
  catalogue_->RemoveCompany("11111", Contents::kForget);
  EXPECT_THAT(catalogue_->ListCompanyStates(), IsEmpty());
}

TEST_P(QueueTest, OldJobsAreForgottenButNotTheLastNorThoseOfABackupThatIsThere) {
  const auto ended = [&](const std::string& company, TimePoint time, JobKind kind = JobKind::kBackup, int batch = 0,
                         const std::string& snapshot = "") {
    Job job = Order(company, 0, kind);
    job.batch = batch;
    catalogue_->EnqueueJob(job);
    EXPECT_NE(Claim(time), 0);
    catalogue_->FinishJob(claimed_->id, {.ended = time, .snapshot_id = snapshot}, claimed_->token);
    return claimed_->id;
  };
  const std::string snapshot(64, 'a');
  catalogue_->AddBackup(
      {.snapshot_id = snapshot, .company = "11111", .fiscal_year = 2026, .time = kNight, .path = "/x"});
  ended("11111", kNight);
  ended("11111", kNight, JobKind::kBackup, 1);
  const int64_t makes = ended("11111", kNight, JobKind::kBackup, 0, snapshot);
  const int64_t newest_batch = ended("11111", kNight, JobKind::kBackup, 2);
  const int64_t verifies = ended("11111", kNight, JobKind::kVerify);
  ended("11111", kNight);
  const int64_t young = ended("11111", kNight + 1h);
  const int64_t only_one = ended("22222", kNight);
  ended("33333", kNight);
  catalogue_->RemoveCompany("33333", Contents::kForget);
  const int64_t waits = Enqueue("22222");

  EXPECT_EQ(catalogue_->RemoveJobsEndedBefore(kNight + 1h, 3), 3U);
  EXPECT_EQ(catalogue_->RemoveJobsEndedBefore(kNight + 1h, 3), 1U);
  EXPECT_EQ(catalogue_->RemoveJobsEndedBefore(kNight + 1h, 3), 0U);
  std::vector<int64_t> kept;
  for (const Job& job : catalogue_->ListJobs({}, 99)) kept.push_back(job.id);
  EXPECT_THAT(kept, ElementsAre(waits, only_one, young, verifies, newest_batch, makes));
}

TEST_P(QueueTest, TheLastAttemptAtADatabaseIsKept) {
  catalogue_->PutDatabaseChange({.company = "11111", .fiscal_year = 2026, .fingerprint = ~0ULL});
  Job order = Order("11111");
  order.scheduled_day = 20781;
  order.attempt = 2;
  catalogue_->EnqueueJob(order);
  ASSERT_NE(Claim(kNight + 1h), 0);
  catalogue_->FinishJob(claimed_->id, {.state = JobState::kFailed, .ended = kNight + 2h, .error_kind = "auth"},
                        claimed_->token);
  DatabaseState state{.company = "11111",
                      .fiscal_year = 2026,
                      .known_since = kNight,
                      .fingerprint = ~0ULL,
                      .outcome = "auth",
                      .attempt = 2,
                      .started = kNight + 1h,
                      .ended = kNight + 2h};
  EXPECT_EQ(Known(), state);

  catalogue_->EnqueueJob(order);
  ASSERT_NE(Claim(kNight + 3h), 0);
  catalogue_->FinishJob(claimed_->id, {.ended = kNight + 4h}, claimed_->token);
  state.outcome = "done";
  state.started = kNight + 3h;
  state.ended = kNight + 4h;
  state.scheduled_day = 20781;
  EXPECT_EQ(Known(), state);

  catalogue_->EnqueueJob(Order("11111"));
  ASSERT_NE(Claim(kNight + 5h), 0);
  catalogue_->MarkRunningJobsInterrupted(Nobody, kNight + 6h);
  EXPECT_EQ(Known().outcome, "interrupted");
  EXPECT_EQ(Known().scheduled_day, 20781);

  state = Known();
  state.seen_at = kNight;
  state.vanished_at = kNight + 24h;
  catalogue_->PutDatabaseSighting(state);
  EXPECT_EQ(Known(), state);
}

TEST_P(QueueTest, TheEndOfAJobWhoseDatabaseIsGoneIsKept) {
  const int64_t id = Enqueue("11111");
  ASSERT_EQ(Claim(), id);
  catalogue_->RemoveDatabase("11111", 2026, Contents::kRefuse);
  catalogue_->FinishJob(id, {.ended = kNight}, claimed_->token);
  EXPECT_EQ(catalogue_->GetJob(id).state, JobState::kDone);
  EXPECT_NE(Known().company, "11111");
}

TEST_P(QueueTest, FactsAreKept) {
  EXPECT_EQ(catalogue_->GetFact("x"), std::nullopt);
  catalogue_->PutFact("x", "1");
  catalogue_->PutFact("x", "2");
  EXPECT_EQ(catalogue_->GetFact("x"), "2");
}

TEST_P(QueueTest, WhatWasProvedOfABackupIsKept) {
  Backup backup{.snapshot_id = std::string(64, 'a'), .company = "11111", .fiscal_year = 2026, .time = kNight};
  backup.path = "/x";
  catalogue_->AddBackup(backup);
  catalogue_->MarkComplete(backup.snapshot_id, kNight + 1min);
  catalogue_->MarkDrilled(backup.snapshot_id, kNight + 2min, "an index is broken");
  backup.complete_at = kNight + 1min;
  backup.drilled_at = kNight + 2min;
  backup.drill_problem = "an index is broken";
  EXPECT_THAT(catalogue_->ListBackups(), ElementsAre(backup));
  catalogue_->MarkDrilled(backup.snapshot_id, kNight + 3min, "");
  EXPECT_EQ(catalogue_->ListBackups().front().drill_problem, "");
}

TEST_P(QueueTest, TheNewestBackupOfEachDatabaseIsTold) {
  for (const int hours : {1, 3, 2}) {
    Backup backup{.snapshot_id = std::string(63, 'a') + std::to_string(hours), .company = "11111", .fiscal_year = 2026};
    backup.time = kNight + std::chrono::hours(hours);
    backup.path = "/x";
    catalogue_->AddBackup(backup);
  }
  EXPECT_EQ(catalogue_->ListNewestBackups(kNight + 2h).at(0).time, kNight + 2h);
  const auto newest = catalogue_->ListNewestBackups(kNight + 24h);
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].company, "11111");
  EXPECT_EQ(newest[0].time, kNight + 3h);
}

TEST_P(QueueTest, JobsAreFilteredByServerReasonAndTime) {
  Enqueue("11111");
  const int64_t other = Enqueue("44444");
  EXPECT_THAT(catalogue_->ListJobs({.server = "b"}, 9), ElementsAre(Field(&Job::id, other)));
  EXPECT_THAT(catalogue_->ListJobs({.reason = JobReason::kManual}, 9), IsEmpty());
  ASSERT_NE(Claim(kNight + 1h), 0);
  EXPECT_EQ(catalogue_->ListJobs({.started_since = kNight + 1h}, 9).size(), 1U);
  EXPECT_THAT(catalogue_->ListJobs({.started_since = kNight + 2h}, 9), IsEmpty());
  catalogue_->FinishJob(claimed_->id, {.ended = kNight + 2h}, claimed_->token);
  EXPECT_EQ(catalogue_->ListJobs({.ended_since = kNight + 2h}, 9).size(), 1U);
  EXPECT_THAT(catalogue_->ListJobs({.ended_since = kNight + 3h}, 9), IsEmpty());
}

// The service asks this at every look, and jobs are kept for ever.
TEST_P(QueueTest, JobsOfTheLastHourAreFoundWithoutReadingAllBeforeThem) {
  if (GetParam() == test::CatalogueEngine::kPostgresql) GTEST_SKIP() << "its work is not this thread's";
  Job job = Order("11111");
  job.owner = kOwner;
  job.started = kNight - 2h;
  catalogue_->StartJob(job);
  const auto session = Connect(place_->Url(), false);
  for (int i = 0; i < 15; ++i) {  // 32,768: so many that to read them costs far more than to ask
    *session << "CREATE TEMPORARY TABLE more AS SELECT * FROM jobs";
    *session << "UPDATE more SET id = id + (SELECT max(id) FROM jobs)";
    *session << "INSERT INTO jobs SELECT * FROM more";
    *session << "DROP TABLE more";
  }
  const auto least_work = [&](const JobFilter& filter) {
    Duration least = 1h;
    for (int i = 0; i < 5; ++i) {
      const Duration begin = ThreadProcessorTime();
      EXPECT_THAT(catalogue_->ListJobs(filter, SIZE_MAX), IsEmpty());
      least = std::min(least, ThreadProcessorTime() - begin);
    }
    return least;
  };
  const Duration everything = least_work({.kind = JobKind::kExport});
  EXPECT_LT(least_work({.kind = JobKind::kExport, .queued_since = kNight - 1h}) * 3, everything);
}

COFRE_ON_EVERY_ENGINE(QueueTest);

}  // namespace
}  // namespace cofre::catalogue
