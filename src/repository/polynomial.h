#pragma once

// The irreducible polynomial over GF(2) that every repository's config names. restic's chunker uses it, and restic
// opens no repository whose polynomial is reducible. Ours do not cut with it; `restic backup` into our repository does.

#include <cstdint>

#include "base/random.h"

namespace cofre::repository {

// Bit i is the coefficient of x^i.
bool IsIrreducible(uint64_t polynomial);

// Random, irreducible, of degree 53 with bit 0 set, as restic makes them. About 18 tries of some microseconds.
uint64_t RandomIrreduciblePolynomial(Random& random);

}  // namespace cofre::repository
