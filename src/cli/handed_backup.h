#pragma once

// Backups that the running service does for a command.

#include <cstdint>

#include "cli/session.h"
#include "engine/backup_job.h"

namespace cofre::cli {

// Whether a service runs that would do them.
bool ServiceRuns(Session& session);

// Puts it into the queue, before everything that nobody has asked for, and returns the job's id.
int64_t HandOver(Session& session, const engine::BackupOrder& order);

// Wakes the service up, if one runs.
void WakeService(Session& session);

// Shows progress until the job has ended; throws what it failed with. Throws cancelled, leaving the job to the service,
// when this command is told to stop, and transient where the service goes away.
engine::BackupOutcome AwaitHandedOver(Session& session, int64_t job, const std::string& label);

}  // namespace cofre::cli
