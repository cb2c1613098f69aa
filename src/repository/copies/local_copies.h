#pragma once

// Copies of a repository's small objects in a folder of this machine: config, one key file, index files and our own
// extras, byte for byte as the store has them, so still sealed. They spare requests and are never the truth: what a
// copy stands for must have been listed by the store, and its content is compared with what the listing or the name
// says (docs/decisions/0022).
//
// Nothing here throws and nothing is lost with the folder: a copy that is missing, damaged or cannot be written means
// that the store is asked. Not durable. Thread-safe, also between processes: a copy that is half written fails the
// comparison.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cofre::repository {

class LocalCopies {
 public:
  // No folder: keeps nothing. It is made, for its owner alone, when the first copy is written.
  explicit LocalCopies(std::string folder = "") : folder_(std::move(folder)) {}

  // nullopt also where the copy has more than `limit` bytes. Names are plain: no '/'.
  std::optional<Bytes> Read(std::string_view name, uint64_t limit) const;
  void Write(std::string_view name, ByteView content) const;
  void Remove(std::string_view name) const;

  // Removes every copy whose name is not wanted.
  void Retain(const std::function<bool(std::string_view name)>& wanted) const;
  // Removes all.
  void Clear() const;

 private:
  std::string PathOf(std::string_view name) const;

  std::string folder_;
};

}  // namespace cofre::repository
