#pragma once

// Makes the catalogue from the bucket: servers, companies and databases from each repository's manifest, backups from
// its snapshots. Needs nothing but the store and the master key.

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/context.h"

namespace cofre::engine {

struct RebuildNote {
  std::string repository;  // "srv1/900869750"
  std::string message;
};

struct RebuildReport {
  size_t repositories = 0;  // found
  // Added to the catalogue:
  size_t servers = 0;
  size_t companies = 0;
  size_t databases = 0;
  size_t backups = 0;
  size_t removed_backups = 0;         // were in the catalogue and not in their repository
  std::vector<RebuildNote> problems;  // repositories that could not be read
  std::vector<RebuildNote> notes;     // what the bucket doesn't know and the operator must tell
};

// What the catalogue has already stays as it is, but for backups, which become what the repositories hold. A repository
// that can't be read is reported and the others go on; its company and backups stay as they are. Where a manifest is
// missing or damaged, names come from the paths and the report says what to fill in. `on_repository`, called before
// each, may be empty. Throws where the store can't be listed or the catalogue not written. A repeat is harmless.
RebuildReport RebuildCatalogue(const Context& context, const std::function<void(const std::string&)>& on_repository,
                               const std::stop_token& stop);

}  // namespace cofre::engine
