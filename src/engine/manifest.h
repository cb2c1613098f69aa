#pragma once

// What the bucket must know of a company so that the catalogue can be made anew: the company, its server without
// secrets, its databases, and what was said of backups after they were made. A sealed object of our own in the
// company's repository ("cofre/manifest"), JSON with the operator's Spanish keys.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/backup.h"
#include "model/company.h"

namespace cofre::engine {

inline constexpr std::string_view kManifestName = "manifest";

// What a snapshot can't say, for it was made before.
struct BackupNote {
  std::string snapshot_id;
  std::optional<TimePoint> pinned_until;
  std::optional<TimePoint> complete_at;
  std::optional<TimePoint> verified_at;
  std::optional<TimePoint> drilled_at;
  std::string drill_problem;

  bool operator==(const BackupNote&) const = default;
};

struct Manifest {
  Company company;
  Server server;
  std::vector<Database> databases;
  std::vector<BackupNote> notes;

  bool operator==(const Manifest&) const = default;
};

// The same manifest gives the same text.
std::string ManifestToJson(const Manifest& manifest);

// Throws corrupt for what is no manifest, and for values that the catalogue would refuse. Unknown keys are ignored.
Manifest ManifestFromJson(std::string_view json);

}  // namespace cofre::engine
