#pragma once

// What a backup is read from: bytes, and between them marks, at which a piece ends. A dump has no marks; a folder has
// one for each of its entries, so that each file is cut by itself and trees can be made of what comes out.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/folder.h"
#include "base/stream.h"

namespace cofre::repository {

struct FolderMark {
  enum class Kind : uint8_t {
    kEnter,      // `entry`, a folder: all until its kLeave is in it
    kLeave,      //
    kFile,       // `entry` is what came since the last mark
    kVoid,       // what came since the last mark is void: it comes again
    kUnchanged,  // `entry` is a file that consists of `content`, all of it known
    kLink,       // `entry`
  };
  Kind kind = Kind::kEnter;
  FolderEntry entry;
  std::vector<Digest> content;
};

class MarkedStream {
 public:
  struct Got {
    size_t bytes = 0;
    bool ended = false;  // well; there are no bytes then
  };

  virtual ~MarkedStream() = default;

  // Puts bytes into `buffer` (which is not empty), and appends to `marks` those that stand before them. May give marks
  // alone. Throws as ByteSource::Read does.
  virtual Got Read(MutableBytes buffer, std::vector<FolderMark>& marks) = 0;
};

// A dump.
class PlainStream : public MarkedStream {
 public:
  // `source` outlives it.
  explicit PlainStream(ByteSource& source) : source_(source) {}
  Got Read(MutableBytes buffer, std::vector<FolderMark>&) override {
    const size_t bytes = source_.Read(buffer);
    return {bytes, bytes == 0};
  }

 private:
  ByteSource& source_;
};

}  // namespace cofre::repository
