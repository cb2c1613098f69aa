#pragma once

// The end of a company: destroys its repository. Nothing brings it back.

#include <cstdint>
#include <stop_token>

#include "engine/context.h"

namespace cofre::engine {

// Deletes every object below the company's own place and nothing beside it. Snapshots go first and keys last, so that
// what is left by a crash half way never looks whole; a repeat finishes it. Returns the bytes deleted. The catalogue is
// left to the caller. Throws transient where the company is busy or an object could not be deleted.
uint64_t PurgeRepository(const Context& context, const Company& company, const std::stop_token& stop);

}  // namespace cofre::engine
