#pragma once

// The store's recent luck (docs/decisions/0117). One that is down takes every backup with it, and in a long night their
// retries too. It is said once, and once that it is back; and as soon as a small request succeeds what failed meanwhile
// is tried once more, not on its next day.

#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "service/event.h"
#include "service/wiring.h"

namespace cofre::service {

// Notes the end of a backup, within the transaction that ends its job. `failure` is what it failed with where that may
// be the store's doing (transient, and not from the database server), nullptr where it succeeded. Returns what there is
// to tell.
std::optional<Event> NoteStore(Wiring& wiring, const std::string* failure);

// For planner::Fleet: when it last came back; kNoTime where it was never away.
TimePoint StoreRecoveredAt(catalogue::Catalogue& catalogue);

// It fails again and again: no backup can be stored.
bool IsStoreDown(catalogue::Catalogue& catalogue);
// It was down when it was last used, and that is a while ago.
bool StoreProbeIsDue(catalogue::Catalogue& catalogue, TimePoint now);
// Asks the store for something small, and notes what came of it. Takes a minute or two where it does not answer.
// Errors: the catalogue's, and cancelled.
void ProbeStore(Wiring& wiring, const std::stop_token& stop);

}  // namespace cofre::service
