#pragma once

// What the service does by itself to look after what is stored: prune after retention has removed something, deep
// verification of every company every so many days, restore drills, and forgetting old history.

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "service/config.h"
#include "service/fleet_mirror.h"

namespace cofre::service {

// Puts what is due into the queue, a few at a time, so that backups find workers. Decides by what the catalogue says
// alone, of which `mirror` was refreshed just now; a repeat queues nothing twice.
void QueueMaintenance(catalogue::Catalogue& catalogue, const FleetMirror& mirror, const Config& config, TimePoint now);

// Once a day: forgets jobs, and messages that nobody has taken, that are older than historial_dias, so many at a call;
// the next call goes on.
void ForgetHistory(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);

}  // namespace cofre::service
