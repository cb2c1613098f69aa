#pragma once

// Reading a database's write-ahead log beside SQLite, as https://www.sqlite.org/fileformat2.html section 4 describes
// it. Why Cofre does: SQLite has no call that gives a snapshot page by page without a second copy of the database.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"

namespace cofre::sources {

// The committed pages of a log at one moment. Take it while no writer can commit; read from it while a read transaction
// of that same moment is held, which keeps the log from being overwritten for as long as it is needed.
class SqliteWal {
 public:
  // An empty one where the file is missing, empty or holds no commit. Throws kind permanent for more than kMaxFrames
  // frames (memory), transient where the file cannot be read.
  static SqliteWal Scan(const std::string& path, uint32_t page_size);

  static constexpr uint32_t kMaxFrames = 4u << 20;  // 32 MiB of memory; 16 GiB of log with pages of 4 KiB

  // Pages of the database as of the last commit; nullopt where the log holds none.
  std::optional<uint32_t> database_pages() const { return database_pages_; }

  // The newest version of a page (the first is 1). False, with `into` as it was, where the log does not hold it, or has
  // been started anew since: SQLite does that only when everything in it is in the database file too, and lets a
  // snapshot's reader see that file unchanged.
  bool ReadPage(uint32_t page, MutableBytes into);

 private:
  struct Frame {
    uint32_t page;
    uint32_t frame;
    auto operator<=>(const Frame&) const = default;
  };

  FileDescriptor file_;
  uint64_t salt_ = 0;
  std::vector<Frame> frames_;  // by page, the newest frame of each
  std::optional<uint32_t> database_pages_;
  Bytes page_;
};

}  // namespace cofre::sources
