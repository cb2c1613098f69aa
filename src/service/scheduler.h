#pragma once

// One look at the fleet: what is due goes into the queue. No threads and no waiting: service/daemon.h calls it.

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/process_identity.h"
#include "catalogue/catalogue.h"
#include "model/plan.h"
#include "service/config.h"
#include "service/fleet_mirror.h"

namespace cofre::service {

// What is known of the processes that have jobs: this machine's, unless they are simulated.
struct Processes {
  catalogue::MayLive may_live = MayBeAlive;
  catalogue::MayLive lives = RunsHere;
};

// Of a catalogue that nodes share, where time is the server's and jumps for nobody: a lease that is over is over, also
// of a process of this machine that hangs.
Processes ProcessesOf(const Config& config);

struct Look {
  size_t queued = 0;  // backups
  Plan plan;
  // When to look again though nothing has happened.
  std::optional<TimePoint> next;
};

// Looks at `now`, as one that has the planner's lease. Ends what dead processes have left, notes what the operator has
// changed, drops from the queue what is no longer wanted, makes the plan and puts what it says to run into the queue,
// and what the service does by itself to look after what is stored (service/maintenance.h); forgets old history. A
// repeat queues nothing twice. Other processes wait only while the queue is written: what they have changed since the
// fleet was read stays as it is, for the next look. Errors: the catalogue's.
// `mirror` is the caller's, from look to look. `require_lease` throws where the lease is no longer its; called within
// each transaction that writes.
Look LookAround(
    catalogue::Catalogue& catalogue, const Config& config, FleetMirror& mirror, TimePoint now,
    const Processes& processes = {}, const std::function<void()>& require_lease = [] {});

// Ends the jobs of processes that are gone, and sees to those that somebody had asked for.
void EndAbandonedJobs(catalogue::Catalogue& catalogue, TimePoint now, const Processes& processes = {});

}  // namespace cofre::service
