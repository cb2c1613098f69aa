#pragma once

// Deleting several objects of a repository.

#include <span>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "repository/repository_state.h"

namespace cofre::repository {

// Throws transient, naming one, where any could not be deleted: those may be there still. What was gone is no error.
void DeleteObjects(Repository::State& state, FileKind kind, std::span<const Digest> ids, std::stop_token stop);

// The error for objects that could not be deleted, at least one.
Error NotDeleted(const storage::ObjectStore& store, const std::vector<storage::DeleteFailure>& failures);

}  // namespace cofre::repository
