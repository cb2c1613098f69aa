#pragma once

// A source whose dumps are read no faster than a link allows. What it does not read waits in the dump's pipe, and so in
// the server. Restores are not held back.

#include <memory>

#include "io/bandwidth.h"
#include "sources/source.h"

namespace cofre::service {

std::unique_ptr<sources::Source> Limit(std::unique_ptr<sources::Source> source,
                                       std::shared_ptr<io::Bandwidth> bandwidth);

}  // namespace cofre::service
