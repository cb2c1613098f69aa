#pragma once

// Streams of bytes between layers: a dump is a ByteSource, a restore writes to a ByteSink.

#include <cstddef>

#include "base/bytes.h"

namespace cofre {

// A stream that is pulled. It ends in success only after its producer ended well (the dump process exited with 0, its
// last bytes were those of a complete dump), so that half a dump cannot be taken for a whole one.
// Used by one thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Blocks until at least one byte is there and returns how many were put into `buffer` (which is not empty), or 0 when
  // the stream has ended well. Throws Error when the producer failed, stalled or was cancelled; nothing can be read
  // then.
  virtual size_t Read(MutableBytes buffer) = 0;
};

// A stream that is pushed. Used by one thread at a time.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  virtual void Write(ByteView data) = 0;

  // Tells the consumer that all has come and waits until it has accepted it. A sink destroyed before Finish has
  // returned leaves nothing that looks complete.
  virtual void Finish() = 0;
};

}  // namespace cofre
