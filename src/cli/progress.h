#pragma once

// What a running backup or restore shows on standard error: on a terminal one line that is drawn anew, elsewhere a
// plain line now and then. Never on standard output.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"

namespace cofre::cli {

struct ProgressFigures {
  uint64_t done_bytes = 0;
  uint64_t total_bytes = 0;  // 0: not known
  bool has_new = false;      // whether the next one means something
  uint64_t new_bytes = 0;    // of those done, not known to the repository
};

// "900869750 2025  96.4 MiB  41.2 MiB/s  3.1 MiB new, 93.3 MiB known  00:02".
std::string FormatProgress(const std::string& label, const ProgressFigures& figures, Duration elapsed);

// How progress is shown.
enum class ProgressStyle { kNone, kPlain, kTerminal };
// By what standard error is.
ProgressStyle DetectProgressStyle(bool quiet);

// Shows from construction to destruction, from a thread of its own. `figures` is called from there.
class ProgressDisplay {
 public:
  ProgressDisplay(ProgressStyle style, std::string label, std::function<ProgressFigures()> figures, Clock& clock);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

 private:
  void Show();
  void Run(const std::stop_token& stop);

  ProgressStyle style_;
  std::string label_;
  std::function<ProgressFigures()> figures_;
  Clock& clock_;
  Duration begin_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace cofre::cli
