#include "service/job_runner.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/bytes.h"
#include "engine/company_lock.h"
#include "service/service_test_vault.h"
#include "tests/support/eventually.h"

namespace cofre::service {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

const std::vector<std::string> kKilled{"sh", "-c", "kill -9 $$"};

class JobRunnerTest : public ::testing::Test {
 protected:
  void SetUp() override { (void)vault_.wiring->engine(); }

  ServiceVault vault_;
};

TEST_F(JobRunnerTest, ABackupSaysWhatItMade) {
  vault_.AddCompany("11111");
  vault_.Enqueue("11111");
  const Job job = vault_.RunNext().value();
  EXPECT_EQ(job.state, JobState::kDone);
  EXPECT_EQ(job.bytes, 6U);
  EXPECT_GT(job.stored_bytes, 0U);
  const Backup backup = vault_.catalogue().FindBackup(job.snapshot_id);
  EXPECT_EQ(backup.time, vault_.clock.Now());
  EXPECT_EQ(backup.complete_at, vault_.clock.Now());
  const CompanyState state = vault_.catalogue().FindCompanyState("11111").value();
  EXPECT_GE(state.stored_bytes, job.stored_bytes);
  EXPECT_THAT(vault_.events, ElementsAre(AllOf(Field(&Event::topic, Topic::kBackup), Field(&Event::level, 0)),
                                         Field(&Event::topic, Topic::kSpace)));
}

TEST_F(JobRunnerTest, HowFarABackupIsStandsOnTheBoardWhileItRunsAndNotInTheCatalogue) {
  vault_.AddCompany("11111");
  vault_.Enqueue("11111");
  vault_.RunNext();
  const std::string pipe = vault_.folder.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  vault_.SetCommand("11111", {"cat", pipe});
  vault_.Enqueue("11111");
  const Job job = vault_.catalogue()
                      .ClaimJob({.owner = OwnProcessIdentity(),
                                 .now = vault_.clock.Now(),
                                 .lease_until = vault_.clock.Now() + std::chrono::minutes(2)})
                      .value();
  ActiveJob active(job, vault_.wiring);
  std::jthread running([&] { RunJob(active, {}, {}); });
  {
    const FileDescriptor end(open(pipe.c_str(), O_WRONLY | O_CLOEXEC));
    const std::string piece(3 << 20, 'x');
    for (size_t sent = 0; sent < piece.size();) {
      const ssize_t some = write(end.get(), piece.data() + sent, piece.size() - sent);
      ASSERT_GT(some, 0);
      sent += static_cast<size_t>(some);
    }
    EXPECT_TRUE(test::Eventually([&] {
      const auto progress = vault_.wiring->progress()->Find(job.id);
      return progress && progress->bytes >= 1 << 20 && progress->expected_bytes == 6;
    }));
    EXPECT_EQ(vault_.catalogue().GetJob(job.id).bytes, 0U);
  }
  running.join();
  EXPECT_FALSE(vault_.wiring->progress()->Find(job.id));
  EXPECT_EQ(vault_.catalogue().GetJob(job.id).bytes, 3U << 20);
}

TEST_F(JobRunnerTest, AFailureIsStoredWithItsKind) {
  vault_.AddCompany("11111", 2026, {"sh", "-c", "echo no >&2; exit 3"});
  vault_.Enqueue("11111");
  const Job job = vault_.RunNext().value();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.error_kind, "permanent");
  EXPECT_THAT(job.message, HasSubstr("exit status 3"));
  EXPECT_THAT(vault_.events, ElementsAre(AllOf(Field(&Event::topic, Topic::kBackup), Field(&Event::level, 1))));
}

TEST_F(JobRunnerTest, AnUnknownDatabaseFailsAndLeavesTheQueue) {
  vault_.AddCompany("11111");
  const int64_t id = vault_.catalogue().EnqueueJob({.company = "11111", .fiscal_year = 1999});
  vault_.RunNext();
  EXPECT_EQ(vault_.catalogue().GetJob(id).error_kind, "not_found");
}

TEST_F(JobRunnerTest, AFailureThatIsTriedAgainIsNoNewsYet) {
  vault_.AddCompany("11111", 2026, kKilled);
  vault_.Enqueue("11111", JobReason::kScheduled);
  EXPECT_EQ(vault_.RunNext().value().error_kind, "transient");
  EXPECT_THAT(vault_.events, IsEmpty());
}

TEST_F(JobRunnerTest, ABackupThatSomebodyAskedForIsTriedAgainAfterEachPauseAndThenSaidToHaveFailed) {
  vault_.AddCompany("11111", 2026, kKilled);
  vault_.Enqueue("11111");
  for (const auto pause : vault_.config.policy.retry.pauses) {
    const TimePoint failed = vault_.clock.Now();
    EXPECT_EQ(vault_.RunNext().value().error_kind, "transient");
    EXPECT_THAT(vault_.events, IsEmpty());
    const auto queued = vault_.catalogue().ListJobs({.state = JobState::kQueued}, 9);
    ASSERT_THAT(queued, ElementsAre(Field(&Job::reason, JobReason::kManual)));
    EXPECT_GE(queued[0].not_before, failed + pause);
    EXPECT_LE(queued[0].not_before, failed + pause + pause / 5);
    vault_.clock.Advance(pause + pause / 5);
  }
  EXPECT_EQ(vault_.RunNext().value().attempt, 4);
  EXPECT_THAT(vault_.catalogue().ListJobs({.state = JobState::kQueued}, 9), IsEmpty());
  EXPECT_THAT(vault_.events, Contains(AllOf(Field(&Event::topic, Topic::kBackup), Field(&Event::level, 1))));
}

TEST_F(JobRunnerTest, WhatWillFailAgainIsNotTriedAgain) {
  vault_.AddCompany("11111", 2026, {"sh", "-c", "exit 3"});
  vault_.Enqueue("11111");
  EXPECT_EQ(vault_.RunNext().value().error_kind, "permanent");
  EXPECT_THAT(vault_.catalogue().ListJobs({.state = JobState::kQueued}, 9), IsEmpty());
}

TEST_F(JobRunnerTest, AServerThatFailsAgainAndAgainIsSaidOnceAndOnceWhenItIsBack) {
  for (int i = 0; i < 8; ++i) vault_.AddCompany("1111" + std::to_string(i), 2026, kKilled);
  for (int i = 0; i < 8; ++i) {
    vault_.Enqueue("1111" + std::to_string(i), JobReason::kScheduled);
    vault_.RunNext();
    vault_.clock.Advance(1min);
  }
  ASSERT_THAT(vault_.events, ElementsAre(AllOf(Field(&Event::topic, Topic::kServer), Field(&Event::subject, "srv1"))));
  ServerState state = vault_.catalogue().FindServerState("srv1").value();
  EXPECT_EQ(state.pauses, 1U);
  EXPECT_TRUE(state.failing_since);
  EXPECT_THAT(state.last_error, HasSubstr("signal 9"));

  vault_.events.clear();
  vault_.SetCommand("11110", {"echo", "back"});
  vault_.Enqueue("11110");
  vault_.RunNext();
  EXPECT_EQ(std::ranges::count(vault_.events, Topic::kServer, &Event::topic), 1);
  state = vault_.catalogue().FindServerState("srv1").value();
  EXPECT_EQ(state.pauses, 0U);
  EXPECT_FALSE(state.failing_since);
  EXPECT_EQ(state.recovered_at, vault_.clock.Now());
}

TEST_F(JobRunnerTest, TheStoresFailureIsNotTheServers) {
  vault_.AddCompany("11111");
  std::filesystem::remove_all(vault_.folder.File("store"));
  WriteFileAtomically(vault_.folder.File("store"), AsBytes("no folder"), 0600);
  vault_.Enqueue("11111", JobReason::kScheduled);
  EXPECT_EQ(vault_.RunNext().value().state, JobState::kFailed);
  EXPECT_EQ(vault_.catalogue().FindServerState("srv1"), std::nullopt);
}

TEST_F(JobRunnerTest, ABusyCompanysJobGoesBackIntoTheQueue) {
  vault_.AddCompany("11111");
  const int64_t id = vault_.Enqueue("11111");
  {
    const engine::CompanyLock lock(LockFolder(vault_.config), "11111", "restore", vault_.clock.Now());
    vault_.RunNext();
    EXPECT_EQ(vault_.catalogue().GetJob(id).state, JobState::kQueued);
    EXPECT_EQ(vault_.RunAll(), 0U);
  }
  vault_.clock.Advance(1min);
  EXPECT_EQ(vault_.RunNext().value().state, JobState::kDone);
}

TEST_F(JobRunnerTest, ACancelledJobThatSomebodyAskedForIsQueuedAnew) {
  vault_.AddCompany("11111");
  vault_.Enqueue("11111");
  ActiveJob active(*vault_.catalogue().ClaimJob({.owner = "x", .now = vault_.clock.Now()}), vault_.wiring);
  active.Cancel();
  RunJob(active, {}, {});
  EXPECT_EQ(vault_.catalogue().GetJob(active.job().id).state, JobState::kInterrupted);
  const auto queued = vault_.catalogue().ListJobs({.state = JobState::kQueued}, 9);
  ASSERT_EQ(queued.size(), 1U);
  EXPECT_EQ(queued[0].attempt, 2);
}

TEST_F(JobRunnerTest, AJobThatSomebodyElseHasTakenIsCancelled) {
  vault_.AddCompany("11111");
  vault_.Enqueue("11111");
  ActiveJob active(*vault_.catalogue().ClaimJob({.owner = "x", .now = vault_.clock.Now()}), vault_.wiring);
  active.Renew(vault_.clock.Now() + 1min);
  EXPECT_FALSE(active.stop().stop_requested());
  vault_.catalogue().MarkRunningJobsInterrupted([](const std::string&) { return false; }, vault_.clock.Now());
  active.Renew(vault_.clock.Now() + 1min);
  EXPECT_TRUE(active.stop().stop_requested());
  RunJob(active, {}, {});
  EXPECT_EQ(vault_.catalogue().GetJob(active.job().id).message, "the process that did it ended without a word");
}

TEST_F(JobRunnerTest, ADrillRestoresTheNewestBackupAndKeepsTheResult) {
  vault_.AddCompany("11111");
  vault_.Enqueue("11111");
  vault_.RunNext();
  vault_.Enqueue("11111", JobReason::kMaintenance, JobKind::kDrill);
  vault_.events.clear();
  EXPECT_EQ(vault_.RunNext().value().state, JobState::kDone);
  const Backup backup = vault_.catalogue().ListBackups().at(0);
  EXPECT_EQ(backup.drilled_at, vault_.clock.Now());
  EXPECT_EQ(backup.drill_problem, "");
  EXPECT_THAT(vault_.events, ElementsAre(AllOf(Field(&Event::topic, Topic::kDrill), Field(&Event::level, 0))));
  EXPECT_TRUE(std::filesystem::is_empty(vault_.config.service.scratch_folder));
}

TEST_F(JobRunnerTest, ACompanyRemovedWhileItsJobRunsIsNoHarm) {
  vault_.AddCompany("11111");
  vault_.Enqueue("11111");
  ActiveJob active(*vault_.catalogue().ClaimJob({.owner = "x", .now = vault_.clock.Now()}), vault_.wiring);
  vault_.catalogue().RemoveCompany("11111", catalogue::Contents::kForget);
  RunJob(active, {}, {});
  EXPECT_EQ(vault_.catalogue().GetJob(active.job().id).state, JobState::kFailed);
}

}  // namespace
}  // namespace cofre::service
