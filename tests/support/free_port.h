#pragma once

#include <cstdint>

namespace cofre::test {

// A port of 127.0.0.1 that nobody listens on, for a moment at least.
uint16_t FreePort();

}  // namespace cofre::test
