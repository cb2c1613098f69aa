#include "service/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/report.h"
#include "tests/support/fleet.h"

namespace cofre::service {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    fleet_.AddCompany("10001");
    fleet_.AddDatabase("10001", 2026);
    fleet_.config.notify.summary.reset();
  }

  // As a daemon that has just started.
  std::vector<std::string> AlertsAfterALook() {
    Notifier notifier(fleet_.config.notify, *fleet_.catalogue, fleet_.clock);
    Watch(fleet_.config, *fleet_.catalogue, notifier, fleet_.clock).Look();
    std::vector<std::string> titles;
    for (const Alert& alert : fleet_.catalogue->ListAlerts()) titles.push_back(alert.topic + " " + alert.title);
    return titles;
  }

  test::SmallFleet fleet_;
};

TEST_F(WatchTest, ABackupThatDoesNotComeIsLateUntilItComes) {
  fleet_.AddBackup("10001", 2026, 26h);
  EXPECT_THAT(AlertsAfterALook(), IsEmpty());
  fleet_.clock.Advance(1min);
  EXPECT_THAT(AlertsAfterALook(), ElementsAre("atraso Backup late: Empresa 10001 (10001) 2026"));
  fleet_.AddBackup("10001", 2026, 1min);
  EXPECT_THAT(AlertsAfterALook(), IsEmpty());
}

TEST_F(WatchTest, ADatabaseWithoutAnyBackupIsLateFromItsRegistrationOn) {
  EXPECT_THAT(AlertsAfterALook(), IsEmpty());
  fleet_.clock.Advance(27h);
  EXPECT_THAT(AlertsAfterALook(), ElementsAre(HasSubstr("Backup late")));
}

TEST_F(WatchTest, AClosedYearHasItsOwnLimitAndADisabledCompanyNone) {
  fleet_.AddBackup("10001", 2026, 1h);
  fleet_.AddDatabase("10001", 2025);
  fleet_.AddBackup("10001", 2025, 34 * 24h);
  fleet_.AddCompany("10002", false);
  fleet_.AddDatabase("10002", 2026);
  fleet_.AddBackup("10002", 2026, 1000h);
  EXPECT_THAT(AlertsAfterALook(), IsEmpty());
  fleet_.clock.Advance(24h + 1min);
  fleet_.AddBackup("10001", 2026, 1h);
  EXPECT_THAT(AlertsAfterALook(), ElementsAre("atraso Backup late: Empresa 10001 (10001) 2025"));
}

TEST_F(WatchTest, SpaceIsTold) {
  fleet_.AddBackup("10001", 2026, 1h, 960);
  EXPECT_THAT(AlertsAfterALook(), ElementsAre("espacio Space used to 96 %: Empresa 10001 (10001)"));
}

TEST_F(WatchTest, WhatWasToldOfACompanyThatIsGoneIsForgotten) {
  fleet_.clock.Advance(27h);
  EXPECT_THAT(AlertsAfterALook(), Not(IsEmpty()));
  fleet_.catalogue->RemoveCompany("10001", catalogue::Contents::kForget);
  EXPECT_THAT(AlertsAfterALook(), IsEmpty());
}

TEST_F(WatchTest, ItLooksEveryFiveMinutes) {
  fleet_.AddBackup("10001", 2026, 26h);
  Notifier notifier(fleet_.config.notify, *fleet_.catalogue, fleet_.clock);
  Watch watch(fleet_.config, *fleet_.catalogue, notifier, fleet_.clock);
  watch.Look();
  fleet_.clock.Advance(1min);
  watch.Look();
  EXPECT_THAT(fleet_.catalogue->ListAlerts(), IsEmpty());
  fleet_.clock.Advance(4min);
  watch.Look();
  EXPECT_EQ(fleet_.catalogue->ListAlerts().size(), 1U);
}

TEST_F(WatchTest, TheSummaryIsToldOnceADayFromItsHourOn) {
  fleet_.config.notify.summary = 12h + 30min;
  fleet_.AddBackup("10001", 2026, 1h);
  EXPECT_THAT(AlertsAfterALook(), IsEmpty());
  fleet_.clock.Advance(8h);  // the service was down at half past twelve
  EXPECT_THAT(AlertsAfterALook(), ElementsAre("resumen Summary of 2026-11-24: 0 backups, 0 failed, all is well"));
  fleet_.clock.Advance(3h);
  EXPECT_EQ(AlertsAfterALook().size(), 1U);
  fleet_.clock.Advance(14h);
  fleet_.AddBackup("10001", 2026, 1h);
  EXPECT_THAT(AlertsAfterALook(), Contains(HasSubstr("Summary of 2026-11-25")));
}

TEST_F(WatchTest, AFleetWithoutBackupsIsNotSaidToBeWell) {
  fleet_.config.notify.summary = 0h;
  EXPECT_THAT(AlertsAfterALook(), ElementsAre("resumen Summary of 2026-11-24: 0 backups, 0 failed"));
}

TEST_F(WatchTest, AReportCountsWhatEndedWithinTheTime) {
  fleet_.AddBackup("10001", 2026, 1h);
  fleet_.RunJob("10001", 2026, 25h);
  fleet_.RunJob("10001", 2026, 2h);
  fleet_.RunJob("10001", 2026, 1h, "quota");
  fleet_.RunJob("10001", 2026, 1h, "", JobKind::kPrune);
  const TimePoint now = fleet_.clock.Now();
  const Report report = MakeReport(*fleet_.catalogue, fleet_.config, now - 24h, now);
  ASSERT_EQ(report.databases.size(), 1U);
  EXPECT_EQ(report.databases[0].backups.done, 1U);
  EXPECT_EQ(report.databases[0].backups.failed, 1U);
  EXPECT_EQ(report.databases[0].backups.dump_bytes, 5000U);
  EXPECT_EQ(report.databases[0].backups.stored_bytes, 100U);
  EXPECT_EQ(report.databases[0].backups.elapsed, Duration(20s));
  EXPECT_EQ(report.databases[0].last_error, "no room");
  EXPECT_TRUE(report.databases[0].health.failing);
  EXPECT_EQ(report.total.done, 1U);
}

TEST_F(WatchTest, TheSummarySaysWhatIsWrong) {
  fleet_.AddBackup("10001", 2026, 30h, 900);
  fleet_.RunJob("10001", 2026, 1h, "quota");
  fleet_.catalogue->PutServerState({.server = "srv1", .pauses = 1, .last_error = "no answer"});
  const TimePoint now = fleet_.clock.Now();
  const Event event = NightlySummary("2026-11-24", MakeReport(*fleet_.catalogue, fleet_.config, now - 24h, now),
                                     LookAtHealth(*fleet_.catalogue, fleet_.config, now), fleet_.config.notify.space);
  EXPECT_EQ(event.title, "Summary of 2026-11-24: 0 backups, 1 failed");
  EXPECT_THAT(event.detail,
              AllOf(HasSubstr("0 backups done (0 B dumped, 0 B stored), 1 failed, 0 interrupted\n"),
                    HasSubstr("Current fiscal year: 0 of 1 have a fresh backup\n"),
                    HasSubstr("Failing: 1\n  Empresa 10001 (10001) 2026: no room\n"), HasSubstr("Late: 1\n"),
                    HasSubstr("Servers down: 1\n  srv1: no answer\n"),
                    HasSubstr("Space used to 80 % or more: 1\n  Empresa 10001 (10001): 900 B of 1000 B\n")));
}

}  // namespace
}  // namespace cofre::service
