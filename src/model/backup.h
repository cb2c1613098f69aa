#pragma once

// Backups and jobs, as the catalogue keeps them. Values only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace cofre {

// One restore point (`respaldo`): a snapshot in the company's repository.
struct Backup {
  std::string snapshot_id;  // 64 hexadecimal digits
  std::string company;
  int fiscal_year = 0;
  TimePoint time{};  // when the dump began, UTC
  std::string path;  // in the repository, as in "/900869750/2025/CONTAB.fbk"
  uint64_t dump_bytes = 0;
  uint64_t new_bytes = 0;     // not known before, uncompressed
  uint64_t stored_bytes = 0;  // what it added to the bucket
  Duration elapsed{};
  std::optional<TimePoint> pinned_until;
  std::optional<TimePoint> complete_at;  // last time all its objects were found in the bucket, with their sizes
  std::optional<TimePoint> verified_at;  // last time its data was read back whole
  std::optional<TimePoint> drilled_at;   // last restore drill, and what came of it: "" passed, else what was wrong
  std::string drill_problem;

  bool operator==(const Backup&) const = default;
};

enum class JobKind : uint8_t { kBackup, kVerify, kPrune, kRestore, kExport, kDrill };
enum class JobState : uint8_t { kQueued, kRunning, kDone, kFailed, kInterrupted };
// Why a job is done. A backup bears it on its snapshot too.
enum class JobReason : uint8_t {
  kManual,       // somebody asked
  kScheduled,    // the daily backup of a current fiscal year
  kRefresh,      // a closed year's backup is missing or old
  kMaintenance,  // the service looks after what is stored: verify, prune, drill
};

std::string_view JobKindName(JobKind kind);
JobKind ParseJobKind(std::string_view name);
std::string_view JobStateName(JobState state);
JobState ParseJobState(std::string_view name);
std::string_view JobReasonName(JobReason reason);
JobReason ParseJobReason(std::string_view name);

// One piece of work (`tarea`): queued, then claimed by a process that does it, then ended.
struct Job {
  int64_t id = 0;  // given by the catalogue
  JobKind kind = JobKind::kBackup;
  JobState state = JobState::kRunning;
  JobReason reason = JobReason::kManual;
  std::string company;
  int fiscal_year = 0;  // 0: all of the company

  // Its place in the queue.
  int priority = 0;                       // the lowest goes first (JobPriority of model/plan.h)
  int64_t batch = 0;                      // those admitted together; 0: none
  int attempt = 1;                        // 2 and more: tried again after a failure
  TimePoint queued{};                     // when it came into the catalogue
  std::optional<TimePoint> due;           // when its schedule asked for it
  bool late = false;                      // queued after its margin
  std::optional<int> scheduled_day;       // the local day that it is for, in days since 1970
  TimePoint not_before{};                 // it is not claimed earlier
  std::optional<TimePoint> pinned_until;  // for the backup that it makes

  TimePoint started{};  // 1970 while it is queued
  std::optional<TimePoint> ended;
  std::string error_kind;     // base/error.h's name; empty unless failed
  std::string message;        // what went wrong, and what to do
  uint64_t bytes = 0;         // of the dump or whatever it went through; while it runs, so far
  uint64_t stored_bytes = 0;  // what a backup added to the bucket
  std::string snapshot_id;    // the backup that it made or tried out

  std::string owner;  // the process that does it, as base/process_identity.h names it; empty while it is queued
  // Who claimed it holds this number; 0: started without a queue. A later claim has a higher one.
  int64_t token = 0;
  std::optional<TimePoint> lease_until;  // its owner says before then that it is still at it

  bool operator==(const Job&) const = default;
};

}  // namespace cofre
