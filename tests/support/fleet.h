#pragma once

// A small fleet in a catalogue of its own, seen on 24 November 2026 at midday in Bogotá.

#include <memory>
#include <string>

#include "catalogue/catalogue.h"
#include "service/config.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_folder.h"

namespace cofre::test {

class SmallFleet {
 public:
  SmallFleet() {
    config.time_zone = "America/Bogota";
    config.notify.time_zone = config.time_zone;
    catalogue->AddServer({.name = "srv1", .host = "db.example.com"});
  }

  void AddCompany(const std::string& id, bool enabled = true) const {
    catalogue->AddCompany(
        {.id = id, .name = "Empresa " + id, .server = "srv1", .enabled = enabled, .space_limit_bytes = 1000});
  }
  void AddDatabase(const std::string& company, int year) const {
    catalogue->AddDatabase({.company = company, .fiscal_year = year, .path = "/data/X.FDB"}, clock.Now());
  }
  void AddBackup(const std::string& company, int year, Duration age, uint64_t stored = 100) {
    std::string id = std::to_string(++backups_);
    id.insert(0, 64 - id.size(), '0');
    catalogue->AddBackup({.snapshot_id = id,
                          .company = company,
                          .fiscal_year = year,
                          .time = clock.Now() - age,
                          .path = "/x",
                          .dump_bytes = 5000,
                          .stored_bytes = stored});
  }
  // A job that took ten seconds and ended `ago`.
  Job RunJob(const std::string& company, int year, Duration ago, const std::string& error_kind = "",
             JobKind kind = JobKind::kBackup) const {
    Job job{
        .kind = kind, .company = company, .fiscal_year = year, .started = clock.Now() - ago - std::chrono::seconds(10)};
    job.owner = "test";
    const int64_t id = catalogue->StartJob(job);
    catalogue->FinishJob(id, {.state = error_kind.empty() ? JobState::kDone : JobState::kFailed,
                              .ended = clock.Now() - ago,
                              .error_kind = error_kind,
                              .message = error_kind.empty() ? "" : "no room",
                              .bytes = 5000,
                              .stored_bytes = error_kind.empty() ? uint64_t{100} : 0});
    return catalogue->GetJob(id);
  }

  TemporaryFolder folder;
  ManualClock clock{ParseTime("2026-11-24T17:00:00Z").value()};
  service::Config config;
  std::unique_ptr<catalogue::Catalogue> catalogue = catalogue::Catalogue::OpenOrCreate(folder.File("c.db"));

 private:
  int backups_ = 0;
};

}  // namespace cofre::test
