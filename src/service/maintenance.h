#pragma once

// What the service does by itself to look after what is stored: prune after retention has removed something, deep
// verification of every company every so many days, and restore drills.

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "service/config.h"
#include "service/fleet_rows.h"

namespace cofre::service {

// Puts what is due into the queue, a few at a time, so that backups find workers. Decides by what the catalogue says
// alone, of which `rows` were read just now; a repeat queues nothing twice.
void QueueMaintenance(catalogue::Catalogue& catalogue, const FleetRows& rows, const Config& config, TimePoint now);

}  // namespace cofre::service
