#pragma once

// Deleting several objects of a repository.

#include <span>
#include <stop_token>

#include "repository/repository_state.h"

namespace cofre::repository {

// Throws transient, naming one, where any could not be deleted: those may be there still. What was gone is no error.
void DeleteObjects(Repository::State& state, FileKind kind, std::span<const Digest> ids, std::stop_token stop);

}  // namespace cofre::repository
