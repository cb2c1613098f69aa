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
  std::optional<TimePoint> verified_at;  // last time its data was read back whole

  bool operator==(const Backup&) const = default;
};

enum class JobKind : uint8_t { kBackup, kVerify, kPrune, kRestore, kExport };
enum class JobState : uint8_t { kRunning, kDone, kFailed, kInterrupted };

std::string_view JobKindName(JobKind kind);
JobKind ParseJobKind(std::string_view name);
std::string_view JobStateName(JobState state);
JobState ParseJobState(std::string_view name);

// One piece of work (`tarea`).
struct Job {
  int64_t id = 0;  // given by the catalogue
  JobKind kind = JobKind::kBackup;
  JobState state = JobState::kRunning;
  std::string company;
  int fiscal_year = 0;  // 0: all of the company
  TimePoint started{};
  std::optional<TimePoint> ended;
  std::string error_kind;  // base/error.h's name; empty unless failed
  std::string message;     // what went wrong, and what to do
  uint64_t bytes = 0;
  std::string owner;  // the process that does it, as base/process_identity.h names it

  bool operator==(const Job&) const = default;
};

}  // namespace cofre
