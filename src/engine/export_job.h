#pragma once

// A backup as a ready database: restored into a file of this machine, for somebody to download.

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>

#include "engine/context.h"

namespace cofre::engine {

struct ExportOrder {
  std::string snapshot_id;  // the backup
  std::string file;         // what is made; its folder exists, and nothing else is in it
  std::string all_folder;   // its folder is in it, with those of the others, ...
  uint64_t most_bytes = 0;  // ... and together they take no more than this
};

// `bytes`: of the dump, as they go through. Throws quota where there is no room, before the disk is full; usage for a
// database whose engine has no files; and what Source::Restore, its sink and repository::RestoreFile throw. What is
// left in its folder then is the caller's to remove.
void RunExport(const Context& context, const ExportOrder& order, std::atomic<uint64_t>& bytes,
               const std::stop_token& stop);

// Bytes of all files below a folder; those that go meanwhile count as none.
uint64_t BytesBelow(const std::string& folder);

}  // namespace cofre::engine
