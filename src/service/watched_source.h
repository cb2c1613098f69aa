#pragma once

// Tells a database server's failures from those of the store: a source that remembers how it failed.

#include <atomic>
#include <memory>

#include "sources/source.h"

namespace cofre::service {

// Set when the source, or a stream of it, throws kind transient.
using SourceFailure = std::shared_ptr<std::atomic<bool>>;

std::unique_ptr<sources::Source> Watch(std::unique_ptr<sources::Source> source, SourceFailure failure);

}  // namespace cofre::service
