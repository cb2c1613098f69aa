#include "engine/read_ahead.h"

#include <algorithm>
#include <utility>

namespace cofre::engine {

ReadAhead::ReadAhead(std::unique_ptr<ByteSource> stream, size_t limit) : stream_(std::move(stream)), head_(limit) {
  size_t count = 0;
  while (count < limit && !ended_) {
    const size_t more = stream_->Read(MutableBytes(head_).subspan(count));
    ended_ = more == 0;
    count += more;
  }
  head_.resize(count);
}

std::optional<uint64_t> ReadAhead::total_bytes() const {
  return ended_ ? std::optional<uint64_t>(head_.size()) : std::nullopt;
}

size_t ReadAhead::Read(MutableBytes buffer) {
  if (given_ == head_.size()) {
    head_ = Bytes();
    given_ = 0;
    return ended_ ? 0 : stream_->Read(buffer);
  }
  const size_t count = std::min(buffer.size(), head_.size() - given_);
  std::copy_n(head_.begin() + static_cast<ptrdiff_t>(given_), count, buffer.begin());
  given_ += count;
  return count;
}

}  // namespace cofre::engine
