#pragma once

// Passwords of users, as the catalogue keeps them: argon2id (RFC 9106) with a salt of its own for each, in the usual
// text form "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH" that says its cost. The cost is OWASP's recommendation of 2024:
// 19 MiB of memory, 2 passes, about 25 ms of one core.

#include <string>

#include "base/random.h"
#include "base/secret.h"

namespace cofre::api {

constexpr size_t kShortestPassword = 10;  // characters
constexpr size_t kLongestPassword = 256;  // bytes

// Throws kind usage, saying what is wrong with it: too short, too long, not UTF-8, the user's name, one character
// alone.
void RequireGoodPassword(const Secret& password, const std::string& user);

std::string HashPassword(const Secret& password, Random& random);

// False also for text that is no such hash. At most two at a time are computed, others wait: memory is bounded.
bool IsPassword(const Secret& password, const std::string& hash);

}  // namespace cofre::api
