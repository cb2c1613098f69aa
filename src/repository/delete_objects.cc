#include "repository/delete_objects.h"

#include <string>
#include <vector>

namespace cofre::repository {

void DeleteObjects(Repository::State& state, FileKind kind, std::span<const Digest> ids, std::stop_token stop) {
  if (ids.empty()) return;
  std::vector<std::string> keys;
  for (const Digest& id : ids) keys.push_back(KeyOf(kind, id));
  const std::vector<storage::DeleteFailure> failures = state.store->DeleteMany(keys, std::move(stop));
  if (!failures.empty()) throw NotDeleted(*state.store, failures);
}

Error NotDeleted(const storage::ObjectStore& store, const std::vector<storage::DeleteFailure>& failures) {
  return {ErrorKind::kTransient,
          store.Describe() + " did not delete " + failures.front().key + ": " + failures.front().message +
              (failures.size() > 1 ? " (and " + std::to_string(failures.size() - 1) + " more)" : ""),
          "check that these credentials may delete"};
}

}  // namespace cofre::repository
