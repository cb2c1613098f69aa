#include "sources/sqlite_dump.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "sources/sqlite_database.h"
#include "sources/sqlite_wal.h"

namespace cofre::sources {
namespace {

constexpr std::chrono::seconds kPatience{30};  // for a writer's transaction to end
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr size_t kMaxRead = 1 << 20;

class SqliteDump : public ByteSource {
 public:
  SqliteDump(const std::string& path, Limits limits, Clock& clock, std::stop_token stop)
      : path_(path),
        limits_(limits),
        clock_(clock),
        stop_(std::move(stop)),
        deadline_(clock.Monotonic() + limits.endless),
        last_read_(clock.Monotonic()),
        reader_(path, kPatience, clock, stop_) {
    page_size_ = reader_.Number("PRAGMA page_size");
    const std::string mode = reader_.Run("PRAGMA journal_mode");
    if (mode == "wal") {
      // Nobody commits while we look at the log and begin to read: both are of the same moment then.
      SqliteDatabase holder(path, kPatience, clock, stop_);
      holder.Run("BEGIN IMMEDIATE");
      Begin();
      wal_ = SqliteWal::Scan(path + "-wal", static_cast<uint32_t>(page_size_));
      holder.Run("ROLLBACK");
    } else {
      Begin();
    }
    const uint64_t pages = reader_.Number("PRAGMA page_count");
    if (reader_.Run("PRAGMA journal_mode") != mode || wal_.database_pages().value_or(pages) != pages) {
      throw Error(ErrorKind::kTransient, path + " was being reorganised while its dump began");
    }
    end_ = page_size_ * pages;
  }

  size_t Read(MutableBytes buffer) override {
    ThrowIfStopped(stop_);
    deadline_ += clock_.Monotonic() - last_read_;  // the reader's own time is not the dump's
    if (clock_.Monotonic() >= deadline_) {
      throw Error(ErrorKind::kPermanent,
                  fmt::format("the dump of {} took longer than {} s", path_, limits_.endless.count()),
                  "raise the time limit if it needs that long");
    }
    size_t filled = 0;
    while (filled < buffer.size() && position_ < end_) filled += Fill(buffer.subspan(filled));
    last_read_ = clock_.Monotonic();
    return filled;
  }

 private:
  void Begin() { reader_.Run("BEGIN; SELECT count(*) FROM sqlite_schema"); }

  // Whole pages go straight into the buffer; one that does not fit goes there in parts.
  size_t Fill(MutableBytes buffer) {
    const size_t in_page = position_ % page_size_;
    if (in_page == 0 && buffer.size() >= page_size_) {
      const uint64_t room = std::min<uint64_t>({buffer.size(), end_ - position_, std::max(kMaxRead, page_size_)});
      const size_t bytes = room / page_size_ * page_size_;
      ReadPages(buffer.first(bytes), position_);
      position_ += bytes;
      return bytes;
    }
    page_.resize(page_size_);
    if (in_page == 0) ReadPages(page_, position_);
    const size_t bytes = std::min(buffer.size(), page_size_ - in_page);
    std::memcpy(buffer.data(), page_.data() + in_page, bytes);
    position_ += bytes;
    return bytes;
  }

  void ReadPages(MutableBytes into, uint64_t position) {
    reader_.ReadFile(into, position);
    for (size_t offset = 0; offset < into.size(); offset += page_size_) {
      const uint64_t page = (position + offset) / page_size_ + 1;
      wal_.ReadPage(static_cast<uint32_t>(page), into.subspan(offset, page_size_));
    }
    if (position == 0 && AsText(into.first(kMagic.size())) != kMagic) {
      throw Error(ErrorKind::kCorrupt, path_ + " does not begin as an SQLite database does");
    }
  }

  std::string path_;
  Limits limits_;
  Clock& clock_;
  std::stop_token stop_;
  Duration deadline_;
  Duration last_read_;
  SqliteDatabase reader_;
  SqliteWal wal_;
  size_t page_size_ = 0;
  uint64_t position_ = 0;
  uint64_t end_ = 0;
  Bytes page_;  // the one that goes out in parts
};

}  // namespace

std::unique_ptr<ByteSource> StartSqliteDump(const std::string& path, Limits limits, Clock& clock,
                                            std::stop_token stop) {
  return std::make_unique<SqliteDump>(path, limits, clock, std::move(stop));
}

}  // namespace cofre::sources
