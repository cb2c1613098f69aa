#pragma once

// Errors that every store throws in the same words. `store` is its Describe().

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cofre::storage {

Error NoSuchObject(std::string_view store, std::string_view key);
// Where an object has more bytes than its reader allows.
Error ObjectTooLarge(std::string_view store, std::string_view key, uint64_t limit);
// Where an object ends before the range that was asked for.
Error ObjectTooShort(std::string_view store, std::string_view key, uint64_t offset, uint64_t length);

}  // namespace cofre::storage
