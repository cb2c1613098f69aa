#pragma once

// Who is at work already, and who joins them in this plan. Private to the planner.

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/fleet.h"

namespace cofre::planner {

bool IsPaused(const ServerFacts& server, TimePoint now);

struct Load {
  enum class Mark : uint8_t { kNone, kQueued, kRunning };

  std::vector<Mark> databases;
  std::vector<Mark> companies;           // some job of it
  std::vector<uint32_t> server_jobs;     // queued and running
  std::vector<uint32_t> server_waiting;  // queued
  // Scheduled backups that hold up the next batch. What waits for a paused server doesn't: it may wait for days.
  uint32_t batch_jobs = 0;
};

// Why this database can't be admitted now, because of others; nullopt: it can.
std::optional<PlanReason> Obstacle(const Fleet& fleet, const Load& load, uint32_t database);
void Admit(const Fleet& fleet, uint32_t database, Load& load);

// Throws kind permanent for positions that are out of range.
Load LoadOf(const Fleet& fleet, TimePoint now);

}  // namespace cofre::planner
