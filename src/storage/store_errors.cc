#include "storage/store_errors.h"

#include <fmt/core.h>

namespace cofre::storage {

Error NoSuchObject(std::string_view store, std::string_view key) {
  return {ErrorKind::kNotFound, fmt::format("{}: there is no object {}", store, key)};
}

Error ObjectTooLarge(std::string_view store, std::string_view key, uint64_t limit) {
  return {ErrorKind::kCorrupt, fmt::format("{}: object {} has more than the expected {} bytes", store, key, limit)};
}

Error ObjectTooShort(std::string_view store, std::string_view key, uint64_t offset, uint64_t length) {
  return {ErrorKind::kCorrupt,
          fmt::format("{}: object {} ends before the expected {} bytes from {}", store, key, length, offset)};
}

}  // namespace cofre::storage
