#pragma once

// Streams of bytes in memory: what they are made of, sources that fail where a test wants, sinks, and both to their
// end.

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
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

// The same as text, in hexadecimal digits: zstd doesn't shrink it below half.
inline std::string NoiseText(size_t size, uint64_t seed) { return HexEncode(Noise(size / 2, seed)); }

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
  std::string text() const { return std::string(AsText(content_)); }
  bool finished() const { return finished_; }

 private:
  Bytes content_;
  bool finished_ = false;
};

// Reads to the end, `piece` bytes at most at a time.
inline std::string ReadAll(ByteSource& source, size_t piece = 64 * 1024) {
  std::string text;
  Bytes buffer(piece);
  while (const size_t got = source.Read(buffer)) text.append(reinterpret_cast<const char*>(buffer.data()), got);
  return text;
}

// Writes everything, `piece` bytes at most at a time, and finishes.
inline void WriteAll(ByteSink& sink, std::string_view text, size_t piece = 64 * 1024) {
  for (size_t at = 0; at < text.size(); at += piece) sink.Write(AsBytes(text.substr(at, piece)));
  sink.Finish();
}

}  // namespace cofre::test
