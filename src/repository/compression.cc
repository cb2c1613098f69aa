#include "repository/compression.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/error.h"

namespace cofre::repository {
namespace {

struct CompressorDeleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct DecompressorDeleter {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_DCtx* ThreadDecompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, DecompressorDeleter> context(ZSTD_createDCtx());
  if (context == nullptr) throw Error(ErrorKind::kPermanent, "no memory for zstd");
  ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
  return context.get();
}

Error NotZstd(const char* why) { return {ErrorKind::kCorrupt, std::string("compressed data is damaged: ") + why}; }

// A frame may ask for a window far larger than its content; 128 MiB is zstd's own default limit.
constexpr size_t kFirstGuessBytes = 64 * 1024;

}  // namespace

size_t CompressBound(size_t plain_bytes) { return ZSTD_compressBound(plain_bytes); }

size_t CompressInto(ByteView plain, int level, MutableBytes out) {
  thread_local const std::unique_ptr<ZSTD_CCtx, CompressorDeleter> context(ZSTD_createCCtx());
  if (context == nullptr) throw Error(ErrorKind::kPermanent, "no memory for zstd");
  const size_t written = ZSTD_compressCCtx(context.get(), out.data(), out.size(), plain.data(), plain.size(), level);
  if (ZSTD_isError(written) != 0) {
    throw Error(ErrorKind::kPermanent, std::string("zstd cannot compress: ") + ZSTD_getErrorName(written));
  }
  return written;
}

Bytes Compress(ByteView plain, int level) {
  Bytes out(CompressBound(plain.size()));
  out.resize(CompressInto(plain, level, out));
  return out;
}

void DecompressExactly(ByteView frames, MutableBytes out) {
  const size_t written =
      ZSTD_decompressDCtx(ThreadDecompressor(), out.data(), out.size(), frames.data(), frames.size());
  if (ZSTD_isError(written) != 0) throw NotZstd(ZSTD_getErrorName(written));
  if (written != out.size()) throw NotZstd("it is shorter than claimed");
}

Bytes Decompress(ByteView frames, uint64_t limit) {
  // The size in the frame's header is a hint only: somebody else wrote it, and several frames may follow each other.
  const unsigned long long claimed = ZSTD_getFrameContentSize(frames.data(), frames.size());
  if (claimed == ZSTD_CONTENTSIZE_ERROR) throw NotZstd("not a zstd frame");
  uint64_t guess = claimed == ZSTD_CONTENTSIZE_UNKNOWN ? kFirstGuessBytes : uint64_t{claimed};
  if (claimed != ZSTD_CONTENTSIZE_UNKNOWN && guess > limit) throw NotZstd("it is longer than allowed");
  guess = std::clamp<uint64_t>(guess, 1, std::max<uint64_t>(limit, 1));

  ZSTD_DCtx* const context = ThreadDecompressor();
  Bytes out(guess);
  ZSTD_inBuffer in{frames.data(), frames.size(), 0};
  size_t filled = 0;
  for (;;) {
    ZSTD_outBuffer target{out.data(), out.size(), filled};
    const size_t left = ZSTD_decompressStream(context, &target, &in);
    if (ZSTD_isError(left) != 0) throw NotZstd(ZSTD_getErrorName(left));
    filled = target.pos;
    if (in.pos == in.size && left == 0) break;
    if (filled < out.size()) {
      if (in.pos == in.size) throw NotZstd("it ends in the middle of a frame");
      continue;
    }
    if (out.size() >= limit) throw NotZstd("it is longer than allowed");
    out.resize(std::min<uint64_t>(limit, uint64_t{out.size()} * 2));
  }
  out.resize(filled);
  return out;
}

}  // namespace cofre::repository
