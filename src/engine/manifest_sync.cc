#include "engine/manifest_sync.h"

#include "base/bytes.h"

namespace cofre::engine {

Manifest ManifestOf(catalogue::Catalogue& catalogue, const Company& company) {
  Manifest manifest{
      .company = company,
      .server = catalogue.GetServer(company.server),
      .databases = catalogue.ListDatabases({.company = company.id}),
  };
  for (const Backup& backup : catalogue.ListBackups({.company = company.id})) {
    // That it was complete when it was made is what the snapshot itself says, and no reason to write the manifest anew
    // at every backup. A pin from the beginning is on the snapshot too; here it is once more, so that a note says all
    // there is to say.
    if (!backup.pinned_until && !backup.verified_at && !backup.drilled_at) continue;
    manifest.notes.push_back({.snapshot_id = backup.snapshot_id,
                              .pinned_until = backup.pinned_until,
                              .complete_at = backup.complete_at,
                              .verified_at = backup.verified_at,
                              .drilled_at = backup.drilled_at,
                              .drill_problem = backup.drill_problem});
  }
  return manifest;
}

void SyncManifest(const Context& context, OpenRepository& open, const Company& company,
                  const repository::Listing& listing, const std::stop_token& stop) {
  const std::string wanted = ManifestToJson(ManifestOf(*context.catalogue, company));
  if (!open.manifest) {
    const auto stored = open.repository->ReadExtra(kManifestName, listing, stop);
    if (stored) open.manifest = std::string(AsText(*stored));
  }
  if (open.manifest == wanted) return;
  open.manifest.reset();
  open.repository->WriteExtra(kManifestName, AsBytes(wanted), stop);
  open.manifest = wanted;
  // More than it can have grown by, seal included.
  if (open.stored_bytes) *open.stored_bytes += wanted.size() + 64;
}

}  // namespace cofre::engine
