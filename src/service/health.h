#pragma once

// How the fleet is, at one moment, from the catalogue: what `cofre status`, the metrics and the alerts about lateness
// and space are made of.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "service/config.h"

namespace cofre::service {

struct DatabaseHealth {
  std::string company;
  std::string name;  // the company's
  std::string server;
  int fiscal_year = 0;
  bool current = false;  // of the current fiscal year or a later one
  bool enabled = true;
  std::optional<TimePoint> newest;  // backup
  // Enabled, and its newest backup (or, without one, its registration) is older than [avisos] says.
  bool late = false;
  bool failing = false;            // its last attempt failed
  std::string outcome;             // of the last attempt: see DatabaseState
  std::optional<TimePoint> tried;  // when that ended

  // Of the newest backup, never below 0; nullopt without one.
  std::optional<Duration> Age(TimePoint now) const;
};

struct CompanyHealth {
  std::string company;
  std::string name;
  uint64_t used_bytes = 0;  // in the bucket when last measured; else what its backups added
  uint64_t limit_bytes = 0;

  double percent() const;
};

struct ServerHealthNow {
  std::string name;
  bool down = false;            // fails again and again; left alone until `paused_until`
  bool paused_by_user = false;  // this one or everything
  std::optional<TimePoint> paused_until;
  std::string last_error;
};

struct Health {
  TimePoint at{};
  bool paused = false;                    // by the operator: everything
  bool store_down = false;                // fails again and again: no backup can be stored
  std::vector<DatabaseHealth> databases;  // by company and fiscal year
  std::vector<CompanyHealth> companies;   // by id
  std::vector<ServerHealthNow> servers;   // by name
  std::vector<Job> running;               // newest first
  std::vector<Job> queued;                // in the order in which they go, at most 100,000
};

// Each as in Health.
std::vector<Job> RunningJobs(catalogue::Catalogue& catalogue);
std::vector<Job> QueuedJobs(catalogue::Catalogue& catalogue);

// About 0.1 s for 10,000 companies. Errors: the catalogue's.
Health LookAtHealth(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);

}  // namespace cofre::service
