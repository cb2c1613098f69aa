#pragma once

// A lock object's JSON: {"time":...,"exclusive":...,"hostname":...,"username":...,"pid":...}, from restic's design.rst,
// "Locks".

#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "repository/environment.h"

namespace cofre::repository {

struct LockRecord {
  TimePoint time{};
  bool exclusive = false;
  std::string hostname;  // ours: "cofre@HOST"
  std::string username;  // ours: the process identity
  uint64_t process_id = 0;
};

std::string LockToJson(const LockRecord& record);
LockRecord LockFromJson(ByteView json);  // throws corrupt

// The record of a lock that this process takes now.
LockRecord OwnLockRecord(const Environment& environment, bool exclusive);

// Whether its holder is certainly gone (ours) or has let it grow older than 30 minutes (anybody's).
bool IsStale(const LockRecord& record, const Environment& environment);

}  // namespace cofre::repository
