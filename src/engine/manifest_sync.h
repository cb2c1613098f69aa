#pragma once

// Keeps the manifest in the bucket (manifest.h) what the catalogue says.

#include <stop_token>

#include "engine/company_repository.h"
#include "engine/context.h"
#include "engine/manifest.h"

namespace cofre::engine {

Manifest ManifestOf(catalogue::Catalogue& catalogue, const Company& company);

// Writes the manifest where it differs. No request where this process, or one before it on this machine, has written or
// read the same one, and the listing says that it still stands.
void SyncManifest(const Context& context, OpenRepository& open, const Company& company,
                  const repository::Listing& listing, const std::stop_token& stop);

}  // namespace cofre::engine
