#include "sources/sqlite_wal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.h"

namespace cofre::sources {
namespace {

constexpr size_t kHeaderBytes = 32;
constexpr size_t kFrameHeaderBytes = 24;
constexpr uint32_t kMagicLittle = 0x377f0682;  // checksums over little-endian words
constexpr uint32_t kMagicBig = 0x377f0683;

uint32_t Big(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

uint64_t Salt(const uint8_t* bytes) { return uint64_t{Big(bytes)} << 32 | Big(bytes + 4); }

// Each checksum goes on from the one of the frame before.
class Checksum {
 public:
  explicit Checksum(bool big_endian) : big_endian_(big_endian) {}

  void Add(ByteView data) {  // a multiple of 8 bytes
    for (size_t i = 0; i + 8 <= data.size(); i += 8) {
      first_ += Word(&data[i]) + second_;
      second_ += Word(&data[i + 4]) + first_;
    }
  }
  bool Is(const uint8_t* stored) const { return first_ == Big(stored) && second_ == Big(stored + 4); }

 private:
  uint32_t Word(const uint8_t* bytes) const { return big_endian_ ? Big(bytes) : ReadU32(bytes); }

  bool big_endian_;
  uint32_t first_ = 0;
  uint32_t second_ = 0;
};

// False at the end of the file.
bool ReadExactly(const FileDescriptor& file, MutableBytes into, uint64_t offset) {
  size_t filled = 0;
  while (filled < into.size()) {
    const ssize_t got =
        pread(file.get(), into.data() + filled, into.size() - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SystemError(errno, "cannot read SQLite's write-ahead log");
    if (got == 0) return false;
    filled += static_cast<size_t>(got);
  }
  return true;
}

uint64_t FrameOffset(uint32_t frame, size_t page_size) {
  return kHeaderBytes + uint64_t{frame} * (kFrameHeaderBytes + page_size);
}

}  // namespace

SqliteWal SqliteWal::Scan(const std::string& path, uint32_t page_size) {
  SqliteWal wal;
  wal.file_ = FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!wal.file_.valid() && errno == ENOENT) return wal;
  if (!wal.file_.valid()) throw SystemError(errno, "cannot open " + path);

  std::array<uint8_t, kHeaderBytes> header{};
  if (!ReadExactly(wal.file_, header, 0)) return wal;
  const uint32_t magic = Big(header.data());
  Checksum checksum(magic == kMagicBig);
  checksum.Add(ByteView(header).first(24));
  if ((magic != kMagicLittle && magic != kMagicBig) || Big(&header[8]) != page_size || !checksum.Is(&header[24])) {
    return wal;
  }
  wal.salt_ = Salt(&header[16]);

  size_t committed = 0;  // of frames_
  Bytes frame(kFrameHeaderBytes + page_size);
  for (uint32_t number = 0; ReadExactly(wal.file_, frame, FrameOffset(number, page_size)); ++number) {
    checksum.Add(ByteView(frame).first(8));
    checksum.Add(ByteView(frame).subspan(kFrameHeaderBytes));
    // What follows the last commit is the rest of an earlier round of the log, or of a transaction that was given up.
    if (Salt(&frame[8]) != wal.salt_ || !checksum.Is(&frame[16])) break;
    if (number == kMaxFrames) {
      throw Error(ErrorKind::kPermanent, path + " is too long", "checkpoint it: PRAGMA wal_checkpoint(TRUNCATE)");
    }
    wal.frames_.push_back({Big(frame.data()), number});
    if (const uint32_t pages = Big(&frame[4]); pages != 0) {
      wal.database_pages_ = pages;
      committed = wal.frames_.size();
    }
  }
  wal.frames_.resize(committed);

  // Of each page the newest frame: the last of its run once they are in order, the first seen from behind.
  std::sort(wal.frames_.begin(), wal.frames_.end());
  const auto same_page = [](const Frame& a, const Frame& b) { return a.page == b.page; };
  const auto kept = std::unique(wal.frames_.rbegin(), wal.frames_.rend(), same_page);
  wal.frames_.erase(wal.frames_.begin(), kept.base());
  return wal;
}

bool SqliteWal::ReadPage(uint32_t page, MutableBytes into) {
  const auto found = std::lower_bound(frames_.begin(), frames_.end(), Frame{page, 0});
  if (found == frames_.end() || found->page != page) return false;
  const uint64_t offset = FrameOffset(found->frame, into.size());
  page_.resize(into.size());
  if (!ReadExactly(file_, page_, offset + kFrameHeaderBytes)) return false;
  // A new round writes its header before its first frame: where the header is still ours, so was the page.
  std::array<uint8_t, kHeaderBytes> header{};
  if (!ReadExactly(file_, header, 0) || Salt(&header[16]) != salt_) return false;
  std::copy(page_.begin(), page_.end(), into.begin());
  return true;
}

}  // namespace cofre::sources
