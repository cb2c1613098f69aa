#pragma once

// The beginning of a dump, read before the rest is wanted: to learn whether it is a small one, where its source cannot
// tell.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/stream.h"

namespace cofre::engine {

class ReadAhead : public ByteSource {
 public:
  // Reads until `limit` bytes have come, all of which are kept in memory, or the stream has ended. Throws what it
  // throws.
  ReadAhead(std::unique_ptr<ByteSource> stream, size_t limit);

  // The stream's length in bytes, where it has ended already.
  std::optional<uint64_t> total_bytes() const;

  size_t Read(MutableBytes buffer) override;

 private:
  std::unique_ptr<ByteSource> stream_;
  Bytes head_;
  size_t given_ = 0;
  bool ended_ = false;
};

}  // namespace cofre::engine
