#pragma once

// New databases appear by themselves: what a server lists is compared with what is registered.

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "service/config.h"
#include "service/job_runner.h"
#include "sources/discovery.h"

namespace cofre::service {

struct DiscoveryReport {
  std::vector<sources::FoundDatabase> added;
  std::vector<Database> returned;
  std::vector<Database> vanished;
  std::vector<std::string> remarks;  // what is listed in another way than registered, and left so
};

// Registers what is new (a new company has the configuration's defaults), marks what discovery has seen before and sees
// no longer, and takes the mark off what is back. Removes nothing and changes no path. All or nothing. Throws kind
// usage where nothing at all is listed although something was before: that is a broken listing rather than an empty
// server.
DiscoveryReport ApplyListing(catalogue::Catalogue& catalogue, const Config& config, const std::string& server,
                             const std::vector<sources::FoundDatabase>& found, TimePoint now);

// Asks the server and applies what it says; tells the observer. Errors of asking: sources/discovery.h; not_found for a
// server that is not registered.
DiscoveryReport Discover(Wiring& wiring, const DiscoveryConfig& how, const Observer& observer,
                         const std::stop_token& stop);

// Whether the daily discovery is due, in the configuration's zone.
bool DiscoveryIsDue(catalogue::Catalogue& catalogue, const Config& config, TimePoint now);

// Discovers on every server that has a section, one after the other, and notes that today's is done. A failure is
// logged. Throws cancelled.
void DiscoverAll(Wiring& wiring, const Observer& observer, const std::stop_token& stop);

}  // namespace cofre::service
