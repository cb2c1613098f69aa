#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"

namespace cofre::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kRedraw = 200ms;
constexpr auto kPlainLine = 30s;

// Progress that can't be shown is no reason to fail.
void Print(const std::string& text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

size_t TerminalWidth() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

std::string FormatElapsed(Duration elapsed) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
  if (seconds >= 3600) return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return fmt::format("{:02}:{:02}", seconds / 60, seconds % 60);
}

}  // namespace

std::string FormatProgress(const std::string& label, const ProgressFigures& figures, Duration elapsed) {
  std::string line = label + "  " + HumanBytes(figures.done_bytes);
  if (figures.total_bytes > 0) {
    const double share = static_cast<double>(figures.done_bytes) / static_cast<double>(figures.total_bytes);
    line += fmt::format(" of {} ({:.0f} %)", HumanBytes(figures.total_bytes), share * 100);
  }
  const double seconds = std::chrono::duration<double>(elapsed).count();
  if (seconds > 0) {
    const double speed = static_cast<double>(figures.done_bytes) / seconds;
    line += fmt::format("  {}/s", HumanBytes(static_cast<uint64_t>(speed)));
  }
  if (figures.has_new) {
    const uint64_t known = figures.done_bytes - std::min(figures.done_bytes, figures.new_bytes);
    line += fmt::format("  {} new, {} known", HumanBytes(figures.new_bytes), HumanBytes(known));
  }
  return line + "  " + FormatElapsed(elapsed);
}

ProgressStyle DetectProgressStyle(bool quiet) {
  if (quiet) return ProgressStyle::kNone;
  return isatty(STDERR_FILENO) != 0 ? ProgressStyle::kTerminal : ProgressStyle::kPlain;
}

ProgressDisplay::ProgressDisplay(ProgressStyle style, std::string label, std::function<ProgressFigures()> figures,
                                 Clock& clock)
    : style_(style), label_(std::move(label)), figures_(std::move(figures)), clock_(clock), begin_(clock.Monotonic()) {
  if (style_ == ProgressStyle::kNone) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

ProgressDisplay::~ProgressDisplay() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  // The result follows on the same line's place.
  if (style_ == ProgressStyle::kTerminal) Print("\r\x1b[K");
}

void ProgressDisplay::Show() {
  const std::string line = FormatProgress(label_, figures_(), clock_.Monotonic() - begin_);
  // Labels are ASCII: a byte is a column. A line that wraps could not be drawn over.
  Print(style_ == ProgressStyle::kTerminal ? "\r" + line.substr(0, TerminalWidth() - 1) + "\x1b[K" : line + "\n");
}

void ProgressDisplay::Run(const std::stop_token& stop) {
  const auto pause = style_ == ProgressStyle::kTerminal ? Duration(kRedraw) : Duration(kPlainLine);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, pause, [] { return false; }) && !stop.stop_requested()) Show();
}

}  // namespace cofre::cli
