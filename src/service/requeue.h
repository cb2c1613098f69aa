#pragma once

// Backups that somebody had asked for and that did not come about are queued anew. All others the plan finds due again.

#include <string>

#include "catalogue/catalogue.h"
#include "model/policy.h"

namespace cofre::service {

// Whether a backup that ended with this kind of error (base/error.h's name) is tried again, of itself or by the plan.
bool IsTriedAgain(const Job& job, const std::string& error_kind, const BackupRetryPolicy& policy);

// A job that a process left behind when it went: at once. Gives up where it has taken three processes with it.
void RequeueInterrupted(catalogue::Catalogue& catalogue, const Job& job, TimePoint now);

// A job that failed, where it is tried again: after the policy's pause. Call it in the transaction that stores its end.
void RequeueFailed(catalogue::Catalogue& catalogue, const Job& job, const catalogue::JobOutcome& outcome,
                   const BackupRetryPolicy& policy);

}  // namespace cofre::service
