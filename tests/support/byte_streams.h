#pragma once

// Sources and sinks of bytes in memory, which fail where a test wants.

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "base/stream.h"

namespace cofre::test {

// Bytes that neither compress nor repeat; the same for the same seed.
inline Bytes Noise(size_t size, uint64_t seed) {
  Bytes bytes(size);
  SeededRandom(seed).Fill(bytes);
  return bytes;
}

// Gives `content`, in reads of at most `step` bytes. Before each read calls `before_read` with what was given so far,
// which may throw.
class BufferSource : public ByteSource {
 public:
  explicit BufferSource(Bytes content, size_t step = size_t{64} * 1024,
                        std::function<void(size_t given)> before_read = nullptr)
      : content_(std::move(content)), step_(step), before_read_(std::move(before_read)) {}

  size_t Read(MutableBytes buffer) override {
    if (before_read_) before_read_(given_);
    const size_t size = std::min({buffer.size(), step_, content_.size() - given_});
    if (size > 0) std::memcpy(buffer.data(), content_.data() + given_, size);
    given_ += size;
    return size;
  }

 private:
  const Bytes content_;
  const size_t step_;
  const std::function<void(size_t)> before_read_;
  size_t given_ = 0;
};

// A source that gives the first `good_bytes` of `content` and then throws `error`.
inline BufferSource FailingSource(const Bytes& content, size_t good_bytes, const Error& error) {
  return BufferSource(Bytes(content.begin(), content.begin() + good_bytes), 4096, [good_bytes, error](size_t given) {
    if (given == good_bytes) throw error;
  });
}

class BufferSink : public ByteSink {
 public:
  void Write(ByteView data) override { content_.insert(content_.end(), data.begin(), data.end()); }
  void Finish() override { finished_ = true; }

  const Bytes& content() const { return content_; }
  bool finished() const { return finished_; }

 private:
  Bytes content_;
  bool finished_ = false;
};

}  // namespace cofre::test
