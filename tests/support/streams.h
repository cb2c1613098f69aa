#pragma once

// Whole streams in memory, for small ones.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/stream.h"

namespace cofre::test {

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
