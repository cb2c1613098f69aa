#pragma once

// The config object: {"version":2,"id":"...","chunker_polynomial":"..."}, sealed, never compressed, written once.

#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "repository/repository.h"

namespace cofre::repository {

RepositoryConfig RandomConfig(Random& random);
std::string ConfigToJson(const RepositoryConfig& config);
// Throws corrupt, and usage for a format version other than 2.
RepositoryConfig ConfigFromJson(ByteView json);

}  // namespace cofre::repository
