#pragma once

// What happened since some moment, database by database, and in words for the nightly summary.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/event.h"
#include "service/health.h"

namespace cofre::service {

// Backups that ended within the time.
struct BackupCounts {
  uint64_t done = 0;
  uint64_t failed = 0;
  uint64_t interrupted = 0;
  uint64_t dump_bytes = 0;    // of those done
  uint64_t stored_bytes = 0;  // what they added to the bucket
  Duration elapsed{};         // of all of them together

  void Add(const Job& job);
};

struct DatabaseReport {
  DatabaseHealth health;  // now
  BackupCounts backups;
  std::string last_error;  // of the last one that failed within the time
};

struct Report {
  TimePoint from{};
  TimePoint to{};
  std::vector<DatabaseReport> databases;  // by company and fiscal year
  BackupCounts total;                     // also of databases that are gone since
};

// Of the newest 1,000,000 jobs. `company` empty: all of them.
Report MakeReport(catalogue::Catalogue& catalogue, const Config& config, TimePoint from, TimePoint now,
                  const std::string& company = "");

// "2026-11-24", what the day before it brought, and how the fleet is.
Event NightlySummary(const std::string& day, const Report& report, const Health& health, const SpaceLevels& levels);

}  // namespace cofre::service
