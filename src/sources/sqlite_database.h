#pragma once

// A connection to an SQLite database, as the SQLite source needs it.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"

struct sqlite3;

namespace cofre::sources {

// Used by one thread at a time. Errors: not_found (no such file), corrupt (damaged, or no database), transient (another
// connection has it locked for longer than the patience), cancelled, permanent (anything else).
class SqliteDatabase {
 public:
  // Never creates one, and leaves its log as it is. Waits up to `patience` for others' locks. `clock` outlives it.
  SqliteDatabase(const std::string& path, Duration patience, Clock& clock, std::stop_token stop);

  // Runs statements; gives the first column of their last row, or "".
  std::string Run(const std::string& sql);

  uint64_t Number(const std::string& sql);

  // Of the file itself, past the log and the locks: what follows its end comes as zeros.
  void ReadFile(MutableBytes into, uint64_t offset);

 private:
  struct Wait {
    Clock& clock;
    Duration patience;
    std::stop_token stop;
    Duration since{};  // when the wait that is under way began
  };
  struct Closer {
    void operator()(sqlite3* database) const;
  };

  static int OnBusy(void* wait, int tries);
  [[noreturn]] void Fail(int code) const;
  void Check(int code) const;

  std::string path_;
  std::unique_ptr<Wait> wait_;
  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace cofre::sources
