#include "service/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "io/http_client.h"
#include "service/seeing.h"
#include "tests/support/expect_error.h"
#include "tests/support/fleet.h"

namespace cofre::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class MetricsTest : public testing::Test {
 protected:
  std::string Text() { return Metrics(fleet_.config, *fleet_.catalogue, fleet_.clock).Text(); }

  test::SmallFleet fleet_;
};

TEST_F(MetricsTest, DatabasesAreCountedByYearAndState) {
  for (const char* id : {"10001", "10002", "10003"}) fleet_.AddCompany(id);
  fleet_.AddCompany("10004", false);
  fleet_.AddDatabase("10001", 2026);
  fleet_.AddBackup("10001", 2026, 1h);
  fleet_.AddDatabase("10002", 2026);
  fleet_.AddBackup("10002", 2026, 30h);
  fleet_.AddDatabase("10003", 2026);
  fleet_.AddDatabase("10003", 2025);
  fleet_.AddBackup("10003", 2025, 30 * 24h);
  fleet_.AddDatabase("10004", 2026);
  EXPECT_THAT(Text(), AllOf(HasSubstr("cofre_databases{year=\"current\",state=\"fresh\"} 1\n"),
                            HasSubstr("cofre_databases{year=\"current\",state=\"late\"} 1\n"),
                            HasSubstr("cofre_databases{year=\"current\",state=\"never\"} 1\n"),
                            HasSubstr("cofre_databases{year=\"current\",state=\"disabled\"} 1\n"),
                            HasSubstr("cofre_databases{year=\"closed\",state=\"fresh\"} 1\n"),
                            HasSubstr("cofre_databases{year=\"closed\",state=\"late\"} 0\n")));
}

TEST_F(MetricsTest, AgesAreBucketsAndAMaximum) {
  fleet_.AddCompany("10001");
  for (const int year : {2026, 2027}) fleet_.AddDatabase("10001", year);
  fleet_.AddBackup("10001", 2026, 2h);
  fleet_.AddBackup("10001", 2027, 30h);
  EXPECT_THAT(Text(), AllOf(HasSubstr("cofre_newest_backup_age_seconds_bucket{year=\"current\",le=\"3600\"} 0\n"),
                            HasSubstr("cofre_newest_backup_age_seconds_bucket{year=\"current\",le=\"21600\"} 1\n"),
                            HasSubstr("cofre_newest_backup_age_seconds_bucket{year=\"current\",le=\"+Inf\"} 2\n"),
                            HasSubstr("cofre_newest_backup_age_seconds_count{year=\"current\"} 2\n"),
                            HasSubstr("cofre_newest_backup_age_max_seconds{year=\"current\"} 108000\n"),
                            HasSubstr("cofre_newest_backup_age_max_seconds{year=\"closed\"} 0\n")));
}

TEST_F(MetricsTest, FailuresSpaceQueueAndServersAreFigures) {
  fleet_.AddCompany("10001");
  fleet_.AddDatabase("10001", 2026);
  fleet_.AddBackup("10001", 2026, 1h, 960);
  fleet_.RunJob("10001", 2026, 1min, "transient");
  fleet_.catalogue->EnqueueJob({.company = "10001", .fiscal_year = 2026, .queued = fleet_.clock.Now()});
  fleet_.catalogue->PutServerState({.server = "srv1", .failures = 5, .pauses = 1, .paused_until = fleet_.clock.Now()});
  fleet_.catalogue->AddPause("srv1", fleet_.clock.Now());
  EXPECT_THAT(Text(), AllOf(HasSubstr("cofre_databases_failing{year=\"current\"} 1\n"),
                            HasSubstr("cofre_companies_over_space{level=\"high\"} 1\n"),
                            HasSubstr("cofre_companies_over_space{level=\"full\"} 1\n"),
                            HasSubstr("cofre_stored_bytes 960\n"), HasSubstr("cofre_jobs_queued{kind=\"backup\"} 1\n"),
                            HasSubstr("cofre_server_up{server=\"srv1\"} 0\n"),
                            HasSubstr("cofre_server_paused{server=\"srv1\"} 1\n"), HasSubstr("cofre_store_up 1\n"),
                            HasSubstr("cofre_catalogue_up 1\n")));
}

TEST_F(MetricsTest, JobsAreCountedFromTheFirstScrapeOn) {
  fleet_.AddCompany("10001");
  fleet_.AddDatabase("10001", 2026);
  Metrics metrics(fleet_.config, *fleet_.catalogue, fleet_.clock);
  EXPECT_THAT(metrics.Text(), HasSubstr("cofre_jobs_total{kind=\"backup\",outcome=\"failed\"} 0\n"));
  metrics.JobEnded(fleet_.RunJob("10001", 2026, 1min));
  metrics.JobEnded(fleet_.RunJob("10001", 2026, 1min, "auth"));
  metrics.Looked();
  EXPECT_THAT(metrics.Text(), AllOf(HasSubstr("cofre_jobs_total{kind=\"backup\",outcome=\"done\"} 1\n"),
                                    HasSubstr("cofre_jobs_total{kind=\"backup\",outcome=\"failed\"} 1\n"),
                                    HasSubstr("cofre_job_bytes_total{kind=\"backup\"} 10000\n"),
                                    HasSubstr("cofre_job_stored_bytes_total{kind=\"backup\"} 100\n"),
                                    HasSubstr("cofre_job_duration_seconds_bucket{kind=\"backup\",le=\"5\"} 0\n"),
                                    HasSubstr("cofre_job_duration_seconds_bucket{kind=\"backup\",le=\"10\"} 2\n"),
                                    HasSubstr("cofre_last_look_timestamp_seconds 1795539600\n")));
}

TEST_F(MetricsTest, TheNumberOfSeriesDoesNotGrowWithTheFleetUnlessThatIsWanted) {
  const auto lines = [&] {
    const std::string text = Text();
    return std::count(text.begin(), text.end(), '\n');
  };
  const auto before = lines();
  for (int id = 10001; id < 10051; ++id) {
    fleet_.AddCompany(std::to_string(id));
    fleet_.AddDatabase(std::to_string(id), 2026);
    fleet_.AddBackup(std::to_string(id), 2026, 1h);
  }
  EXPECT_EQ(lines(), before);
  EXPECT_THAT(Text(), Not(HasSubstr("10001")));
  fleet_.config.metrics.per_company = true;
  EXPECT_THAT(Text(), HasSubstr("cofre_company_newest_backup_age_seconds{company=\"10050\",year=\"2026\"} 3600\n"));
}

TEST_F(MetricsTest, WhatTheCatalogueSaysIsKeptForAWhile) {
  Metrics metrics(fleet_.config, *fleet_.catalogue, fleet_.clock);
  EXPECT_THAT(metrics.Text(), HasSubstr("cofre_companies 0\n"));
  fleet_.AddCompany("10001");
  EXPECT_THAT(metrics.Text(), HasSubstr("cofre_companies 0\n"));
  fleet_.clock.Advance(15s);
  EXPECT_THAT(metrics.Text(), HasSubstr("cofre_companies 1\n"));
}

TEST_F(MetricsTest, TheyAreServedOverHttp) {
  const Metrics metrics(fleet_.config, *fleet_.catalogue, fleet_.clock);
  const MetricsServer server(metrics, "127.0.0.1:0");
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port()) + "/metrics";
  const auto response = io::HttpClient({}).Send({.method = "GET", .url = url, .response_limit = 1 << 20}, {});
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(std::string(AsText(response.body)), HasSubstr("cofre_build_info{version="));
}

TEST_F(MetricsTest, APortThatIsTakenIsSaidSo) {
  const Metrics metrics(fleet_.config, *fleet_.catalogue, fleet_.clock);
  const MetricsServer first(metrics, "127.0.0.1:0");
  fleet_.config.metrics.listen = "127.0.0.1:" + std::to_string(first.port());
  EXPECT_ERROR(Seeing(fleet_.config, *fleet_.catalogue, fleet_.clock), ErrorKind::kPermanent,
               HasSubstr("cannot serve metrics on " + fleet_.config.metrics.listen));
}

TEST_F(MetricsTest, AChangedConfigurationCountsWithoutARestart) {
  Seeing seeing(fleet_.config, *fleet_.catalogue, fleet_.clock);
  fleet_.config.metrics.listen = "127.0.0.1:0";
  fleet_.config.notify.webhooks.push_back(
      {.name = "new", .url = {.url = "http://127.0.0.1:1/"}, .topics = {Topic::kServer}});
  seeing.Reconfigure(fleet_.config);
  seeing.Notify(ServerDown("srv1", "no answer"));
  EXPECT_EQ(fleet_.catalogue->CountNotices("webhook new"), 1U);
}

TEST_F(MetricsTest, AJobsEndIsOneLineOfTheLog) {
  fleet_.AddCompany("10001");
  fleet_.AddDatabase("10001", 2026);
  testing::internal::CaptureStderr();
  LogJobEnd(fleet_.RunJob("10001", 2026, 1min));
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      HasSubstr("info job_done job=1 kind=backup company=10001 year=2026 bytes=5000 stored=100 seconds=10.0\n"));
  testing::internal::CaptureStderr();
  LogJobEnd(fleet_.RunJob("10001", 2026, 1min, "quota"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("error job_failed job=2 kind=backup company=10001 year=2026 bytes=5000 seconds=10.0 attempt=1 "
                        "error=quota message=\"no room\"\n"));
}

}  // namespace
}  // namespace cofre::service
